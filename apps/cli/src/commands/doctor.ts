import { accessSync, constants } from 'node:fs';
import { checkSocketDirectory, socketDirectory } from '@extension-events/protocol';
import { agentThreadFile, diagnose } from '@extension-events/session';
import { paint } from '../colour.ts';
import { exitCode } from '../exit-codes.ts';
import { isCoded, print, say, toJson, usageError } from '../output.ts';
import { makePrintable } from '../printable.ts';
import { findPlugins, loadProducer, type Plugin } from '../plugins.ts';
import { shapeVersion } from '../shapes.ts';
import { chooseTarget, type TargetWords } from '../target.ts';

/** One thing that was looked at. */
interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** `extev doctor`: looks, and changes nothing. Fails when a check does. */
export async function doctor({
  json,
  ...words
}: TargetWords & { json?: boolean }): Promise<number> {
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
  for (const plugin of findPlugins({ tell: say })) {
    if (plugin.role === 'producer' && plugin.inject !== undefined)
      checks.push(await checkProducer(plugin));
  }
  if (target !== undefined) checks.push(...(await checkTarget(target.pid)));
  if (json === true) print(toJson({ v: shapeVersion, checks }));
  else for (const check of checks) show(check);
  return checks.every((check) => check.ok) ? exitCode.ok : exitCode.failed;
}

function show({ code, detail, ok, remedy, what }: Check): void {
  const mark = ok ? paint('green', 'ok') : paint('red', 'no');
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

async function checkProducer(plugin: Plugin): Promise<Check> {
  const what = `producer ${plugin.id}`;
  try {
    const support = (await loadProducer(plugin))?.isSupported() ?? { ok: true as const };
    if (support.ok) return { what, ok: true, detail: 'works here' };
    const { code, hint, reason } = support;
    return { what, ok: false, code, detail: reason, remedy: hint };
  } catch (error) {
    return failed(what, error);
  }
}

async function checkTarget(pid: number): Promise<Check[]> {
  const findings = await diagnose(pid);
  return findings.map(({ detail, refusal, what }) =>
    refusal === undefined ? { what, ok: true, detail } : failed(what, refusal),
  );
}

function failed(what: string, error: unknown): Check {
  if (isCoded(error))
    return { what, ok: false, code: error.code, detail: error.message, remedy: error.hint };
  const detail = error instanceof Error ? error.message : String(error);
  return { what, ok: false, code: 'EE_PLUGIN', detail, remedy: 'reinstall it' };
}
