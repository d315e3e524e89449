import { spawn } from 'node:child_process';

// gdb stops threads by SIGSTOP while it attaches and interrupts. When it is killed just then, the
// signal is still on its way, and the whole program stands with nobody to let it go. The guard outlives
// gdb and this debugger: a shell that waits for gdb's end (a zombie has ended), and looks for a while.
const script = `
while read -r line < "/proc/$1/stat"; do
  case "$line" in *') Z '*|*') X '*) break;; esac
  sleep 0.2
done 2> /dev/null
look=0
while [ $look -lt 20 ]; do
  for file in /proc/$2/task/*/stat; do
    { read -r line < "$file"; } 2> /dev/null || continue
    case "$line" in *') T '*) kill -CONT "$2"; break;; esac
  done
  look=$((look + 1))
  sleep 0.1
done`;

/** Sees to it that a process runs on when gdb is killed, even together with this debugger. */
export function guardAgainstKill(gdbPid: number, pid: number): void {
  const guard = spawn('/bin/sh', ['-c', script, 'extension-events-guard', String(gdbPid), String(pid)], { cwd: '/', detached: true, stdio: 'ignore' }); // prettier-ignore
  guard.on('error', () => undefined); // without a shell the debugger's own look must do
  guard.unref();
}
