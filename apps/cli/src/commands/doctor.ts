import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { agentThreadFile, checkAttach } from '@extension-events/session';
import { checkSocketDirectory, socketDirectory } from '@extension-events/protocol';
import { exitCode } from '../exit-codes.ts';
import { isCoded, paint, print, toJson } from '../output.ts';
import { findPlugins } from '../plugins.ts';
import { chooseTarget, type TargetWords } from '../target.ts';

/** One thing that was looked at. */
interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** `extev doctor`: looks, and changes nothing. */
export async function doctor({
  json,
  ...words
}: TargetWords & { json?: boolean }): Promise<number> {
  const { target } = await chooseTarget(words);
  const checks = [
    checkPlatform(),
    checkNode(),
    checkAgentFile(),
    checkSockets(),
    ...(await checkProducers()),
  ];
  if (target !== undefined && 'pid' in target) checks.push(checkTarget(target.pid));
  if (json === true) await print(toJson({ v: 1, checks }));
  else for (const check of checks) await show(check);
  return checks.every((check) => check.ok) ? exitCode.ok : exitCode.failed;
}

async function show({ code, detail, ok, remedy, what }: Check): Promise<void> {
  await print(
    `${ok ? paint('green', 'ok  ') : paint('red', 'no  ')} ${what}: ${code === undefined ? '' : `${code}: `}${detail}`,
  );
  if (remedy !== undefined) await print(`     remedy: ${remedy}`);
}

function checkPlatform(): Check {
  const ok = process.platform === 'linux';
  return { what: 'platform', ok, detail: `${process.platform} ${process.arch}`, ...(ok ? {} : { remedy: 'attaching to a running process needs Linux; elsewhere preload the agent with node --import' }) }; // prettier-ignore
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'node',
    ok,
    detail: process.versions.node,
    ...(ok ? {} : { remedy: 'install Node 20.19 or newer' }),
  };
}

function checkAgentFile(): Check {
  const file = agentThreadFile();
  try {
    accessSync(file, constants.R_OK);
    return { what: 'agent', ok: true, detail: file };
  } catch {
    return {
      what: 'agent',
      ok: false,
      detail: `${file} cannot be read`,
      remedy: 'reinstall @extension-events/agent',
    };
  }
}

function checkSockets(): Check {
  const uid = process.geteuid?.() ?? 0;
  try {
    const directory = checkSocketDirectory(uid);
    return {
      what: 'sockets',
      ok: true,
      detail: directory ?? `${socketDirectory(uid)} (made at the first attach)`,
    };
  } catch (error) {
    return failed('sockets', error);
  }
}

async function checkProducers(): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { directory, id, inject, role } of findPlugins()) {
    if (role !== 'producer' || inject === undefined) continue;
    const what = `producer ${id}`;
    try {
      const { producer } = (await import(pathToFileURL(join(directory, inject)).href)) as { producer: { isSupported(): { ok: true } | { ok: false; code: string; reason: string; hint: string } } }; // prettier-ignore
      const support = producer.isSupported();
      checks.push(support.ok ? { what, ok: true, detail: 'works here' } : { what, ok: false, code: support.code, detail: support.reason, remedy: support.hint }); // prettier-ignore
    } catch (error) {
      checks.push(failed(what, error));
    }
  }
  return checks;
}

function checkTarget(pid: number): Check {
  const what = `process ${pid}`;
  try {
    return { what, ok: true, detail: checkAttach(pid) };
  } catch (error) {
    return failed(what, error);
  }
}

function failed(what: string, error: unknown): Check {
  if (isCoded(error))
    return { what, ok: false, code: error.code, detail: error.message, remedy: error.hint };
  return {
    what,
    ok: false,
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'reinstall it',
  };
}
