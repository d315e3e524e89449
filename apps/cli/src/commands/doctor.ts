import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import {
  type Ability,
  findPerfCapabilities,
  tryReadStatus,
} from '@extension-events/platform-linux';
import { exportCatalogue, openTracepoints } from '@extension-events/platform-linux/tracefs';
import { checkSocketDirectory, socketDirectory } from '@extension-events/protocol';
import { agentThreadFile, diagnose } from '@extension-events/session';
import { paint } from '../colour.ts';
import { exitCode } from '../exit-codes.ts';
import { isCoded, print, say, toJson, usageError } from '../output.ts';
import { makePrintable } from '../printable.ts';
import { findPlugins, loadProducers, type Plugin } from '../plugins.ts';
import { shapeVersion } from '../shapes.ts';
import { chooseTarget, type TargetWords } from '../target.ts';

/** One thing that was looked at. */
interface Check {
  readonly what: string;
  /** False for what keeps extev from working; what this machine merely lacks has a code. */
  readonly ok: boolean;
  readonly detail: string;
  readonly code?: string;
  readonly remedy?: string;
}

interface DoctorCommand extends TargetWords {
  readonly exportTracepoints?: boolean;
  readonly json?: boolean;
}

/** `extev doctor`: looks, and changes nothing. Fails when a check does. */
export async function doctor({
  exportTracepoints,
  json,
  ...words
}: DoctorCommand): Promise<number> {
  if (exportTracepoints === true) return exportThem();
  const { patterns, target } = await chooseTarget(words);
  const [extra] = patterns;
  if (extra !== undefined || (target !== undefined && 'command' in target))
    throw usageError(
      extra === undefined
        ? 'doctor looks at a running process and starts none.'
        : `doctor takes a target, and ${extra} is none.`,
      'Give a pid, -p PID or -n NAME; extev ls shows them.',
    );
  const checks = [checkPlatform(), checkNode(), checkAgentFile(), checkSockets()];
  if (process.platform === 'linux') checks.push(...(await checkPerf()));
  for (const plugin of findPlugins({ tell: say })) {
    if (plugin.role === 'producer') checks.push(...(await checkProducer(plugin)));
  }
  if (target !== undefined) checks.push(...(await checkTarget(target.pid)));
  if (json === true) print(toJson({ v: shapeVersion, checks }));
  else for (const check of checks) show(check);
  return checks.every((check) => check.ok) ? exitCode.ok : exitCode.failed;
}

function show({ code, detail, ok, remedy, what }: Check): void {
  const good = code === undefined ? paint('green', 'ok') : paint('dim', '--');
  const mark = ok ? good : paint('red', 'no');
  print(`${mark}  ${what}: ${makePrintable(`${code === undefined ? '' : `${code}: `}${detail}`)}`);
  if (remedy !== undefined) print(`    remedy: ${makePrintable(remedy)}`);
}

function checkPlatform(): Check {
  const ok = process.platform === 'linux';
  return {
    what: 'platform',
    ok,
    detail: `${process.platform} ${process.arch}`,
    ...(ok
      ? {}
      : {
          remedy:
            'use Linux: elsewhere extev cannot attach; listen in the program itself with localSession()',
        }),
  };
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const remedy = ok ? {} : { remedy: 'install Node.js 20.19 or newer' };
  return { what: 'node', ok, detail: process.versions.node, ...remedy };
}

function checkAgentFile(): Check {
  const what = 'agent';
  const file = agentThreadFile();
  try {
    accessSync(file, constants.R_OK);
    return { what, ok: true, detail: file };
  } catch {
    const remedy = 'reinstall @extension-events/agent';
    return { what, ok: false, code: 'EE_ATTACH_AGENT_FILE', detail: `${file} cannot be read`, remedy }; // prettier-ignore
  }
}

function checkSockets(): Check {
  const what = 'sockets';
  const uid = process.geteuid?.() ?? 0;
  try {
    const directory = checkSocketDirectory(uid);
    const detail = directory ?? `${socketDirectory(uid)}, which the first attach makes`;
    return { what, ok: true, detail };
  } catch (error) {
    return failed(what, error);
  }
}

// Where the parts of one producer run.
const places = {
  thread: ' inside JavaScript threads',
  agent: ' beside JavaScript threads',
  host: ' for any thread',
} as const;

async function checkProducer(plugin: Plugin): Promise<Check[]> {
  try {
    const modules = await loadProducers(plugin);
    return modules.map((producer) => {
      const what = `producer ${plugin.id}${modules.length > 1 ? places[producer.placement] : ''}`;
      const support = producer.isSupported();
      if (support.ok) return { what, ok: true, detail: 'works here' };
      const { code, hint, reason } = support;
      return { what, ok: false, code, detail: reason, remedy: hint };
    });
  } catch (error) {
    return [failed(`producer ${plugin.id}`, error)];
  }
}

// What a machine or a user lacks of these is no fault: events that need it say so when they are armed.
async function checkPerf(): Promise<Check[]> {
  try {
    const found = await findPerfCapabilities();
    const {
      breakpoints,
      counters,
      executeSlots,
      kernel,
      paranoid,
      systemWide,
      uprobes,
      watchSlots,
    } = found;
    const there = counters.filter(({ ability }) => ability.isOk).map(({ name }) => name);
    const absent = counters.filter(({ ability }) => !ability.isOk);
    const [lacking] = absent;
    return [
      {
        what: 'perf events',
        ok: true,
        detail: `kernel.perf_event_paranoid is ${paranoid ?? 'not there'}`,
      },
      { what: 'counters', ok: true, detail: there.join(', ') },
      ...(lacking === undefined || lacking.ability.isOk
        ? []
        : [{ what: 'counters that are absent', ok: true, code: lacking.ability.code, detail: absent.map(({ name }) => name).join(', '), remedy: lacking.ability.hint }]), // prettier-ignore
      breakpoints.isOk
        ? { what: 'hardware breakpoints', ok: true, detail: `${watchSlots} free of a thread for data, ${executeSlots} for code` } // prettier-ignore
        : limited('hardware breakpoints', breakpoints),
      limited('kernel side of events', kernel),
      limited('all processes at once', systemWide),
      limited('uprobes', uprobes),
      await checkTracepoints(),
      checkGdb(),
    ];
  } catch (error) {
    return [failed('perf events', error)];
  }
}

function limited(what: string, ability: Ability): Check {
  return ability.isOk
    ? { what, ok: true, detail: 'permitted' }
    : { what, ok: true, code: ability.code, detail: ability.reason, remedy: ability.hint };
}

async function checkTracepoints(): Promise<Check> {
  const what = 'tracepoints';
  try {
    using tracepoints = await openTracepoints();
    const { names, origin } = tracepoints;
    return { what, ok: true, detail: `${names.length}, read from ${origin === 'tracefs' ? 'the kernel' : 'the exported catalogue'}` }; // prettier-ignore
  } catch (error) {
    return { ...failed(what, error), ok: true };
  }
}

function checkGdb(): Check {
  const what = 'gdb';
  const { error, stdout } = spawnSync('gdb', ['--version'], { encoding: 'utf8' });
  if (error === undefined) return { what, ok: true, detail: stdout.split('\n')[0] ?? '' };
  return { what, ok: true, code: 'EE_GDB_MISSING', detail: 'it is not installed: native threads can be listened to, not stopped', remedy: 'apt install gdb, or your distribution’s package of that name' }; // prettier-ignore
}

async function exportThem(): Promise<number> {
  const { count, file } = await exportCatalogue();
  say(`${count} tracepoints of this kernel are in ${file}; every user of this machine can hear the system calls of their own programs now`); // prettier-ignore
  return exitCode.ok;
}

async function checkTarget(pid: number): Promise<Check[]> {
  const findings = await diagnose(pid);
  // Where no agent fits, none would be injected.
  const isNative = findings.some(({ refusal }) => refusal?.code === 'EE_NOT_NODE');
  const told = findings.filter(({ what }) => !isNative || what !== 'agent');
  const checks = told.map(({ detail, refusal, what }) => {
    if (refusal === undefined) return { what, ok: true, detail };
    if (refusal.code !== 'EE_NOT_NODE') return failed(what, refusal);
    return { what, ok: true, detail: `process ${pid} runs no Node.js: the kernel's events can be heard and caught there` }; // prettier-ignore
  });
  const tracer = tryReadStatus(pid)?.tracerPid ?? 0;
  if (tracer === 0) return checks;
  return [...checks, { what: 'tracer', ok: true, code: 'EE_GDB_BUSY', detail: `process ${tracer} traces it: its native threads can be listened to, not stopped`, remedy: `end or detach process ${tracer} first` }]; // prettier-ignore
}

function failed(what: string, error: unknown): Check {
  if (isCoded(error))
    return { what, ok: false, code: error.code, detail: error.message, remedy: error.hint };
  const detail = error instanceof Error ? error.message : String(error);
  return { what, ok: false, code: 'EE_PLUGIN', detail, remedy: 'reinstall it' };
}
