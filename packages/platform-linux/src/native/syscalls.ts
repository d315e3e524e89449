/** Numbers of the system calls that are made here; arch/x86/entry/syscalls/syscall_64.tbl and asm-generic/unistd.h. */
export interface SyscallNumbers {
  readonly close: number;
  readonly fcntl: number;
  readonly fsconfig: number;
  readonly fsmount: number;
  readonly fsopen: number;
  readonly ioctl: number;
  readonly mmap: number;
  readonly munmap: number;
  readonly perfEventOpen: number;
  readonly ppoll: number;
  readonly processVmReadv: number;
  readonly ptrace: number;
  readonly read: number;
  readonly tgkill: number;
  readonly wait4: number;
}

const x64: SyscallNumbers = {
  close: 3,
  fcntl: 72,
  fsconfig: 431,
  fsmount: 432,
  fsopen: 430,
  ioctl: 16,
  mmap: 9,
  munmap: 11,
  perfEventOpen: 298,
  ppoll: 271,
  processVmReadv: 310,
  ptrace: 101,
  read: 0,
  tgkill: 234,
  wait4: 61,
};

const arm64: SyscallNumbers = {
  close: 57,
  fcntl: 25,
  fsconfig: 431,
  fsmount: 432,
  fsopen: 430,
  ioctl: 29,
  mmap: 222,
  munmap: 215,
  perfEventOpen: 241,
  ppoll: 73,
  processVmReadv: 270,
  ptrace: 117,
  read: 63,
  tgkill: 131,
  wait4: 260,
};

/** The numbers of this machine; `undefined` where this package does not work. */
export function findSyscallNumbers(platform: string, arch: string): SyscallNumbers | undefined {
  if (platform !== 'linux') return undefined;
  if (arch === 'x64') return x64;
  return arch === 'arm64' ? arm64 : undefined;
}
