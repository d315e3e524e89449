import { request } from './traffic.ts';
import { listeningSockets } from './inspector-ports.ts';
import type { ServiceProcess } from './service-process.ts';

/** What the service answered and where it listened before the debugger came. */
export interface Before {
  readonly path: string;
  readonly body: string;
  readonly sockets: readonly string[];
}

const path = '/depots/kassel/picks?wave=3';

/** Looks at the service before the debugger comes. */
export async function lookBefore(service: ServiceProcess): Promise<Before> {
  const { status, body } = await request(`${service.url}${path}`);
  if (status !== 200) throw new Error(`the service answered ${status} to GET ${path}`);
  return { path, body, sockets: listeningSockets(service.pid) };
}

/** Compares with the service after the debugger has gone: findings to print, and faults. */
export async function lookAfter(
  service: ServiceProcess,
  before: Before,
): Promise<{ findings: string[]; faults: string[] }> {
  const findings: string[] = [];
  const faults: string[] = [];
  const startedAt = performance.now();
  const { status, body } = await request(`${service.url}${before.path}`);
  const tookMs = Math.round(performance.now() - startedAt);
  if (status === 200 && body === before.body) {
    const bytes = Buffer.byteLength(body);
    findings.push(
      `The service still answers: GET ${before.path} gave the same ${bytes} bytes as before, in ${tookMs} ms.`,
    );
  } else faults.push(`GET ${before.path} answered ${status}, and not what it answered before`);
  const sockets = listeningSockets(service.pid);
  if (sockets.join() === before.sockets.join()) {
    findings.push(
      `It listens where it listened before (${sockets.join(', ')}): no inspector port is left open.`,
    );
  } else {
    faults.push(
      `it listened on ${before.sockets.join(', ')} and now listens on ${sockets.join(', ')}`,
    );
  }
  return { findings, faults };
}
