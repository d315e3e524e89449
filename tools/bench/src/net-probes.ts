import assert from 'node:assert/strict';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio, type Summary } from './measure.ts';
import { Program } from './program.ts';
import { HttpLoad } from './http-load.ts';
import type { Served } from './programs/http-server.ts';
import type { Heard } from './programs/listener.ts';

const connections = 32;
const requestsOfTurn = 4000;
/** Turns heard and unheard of one server in a round, in turn: what else the machine does changes more slowly. */
const turnsOfRound = 6;
// V8 takes its time, and what a probe costs before it is optimized is no figure to go by.
const requestsToWarmUp = 30_000;
const requestsToWakeUp = 2000;
const bare = 'bare';

/**
 * A server, and what another process hears of it. Two servers that do the same differ by several per
 * cent for as long as they run, as V8 happened to compile them: what is heard of a server is
 * therefore compared with that very server while nothing is.
 */
interface Contestant {
  readonly name: string;
  readonly args?: readonly string[];
  /** Without it there are no probes; empty: there are, and nobody listens. */
  readonly patterns?: readonly string[];
}

const contestants: readonly Contestant[] = [
  { name: bare },
  { name: 'probes, unheard', patterns: [] },
  { name: 'http.server.request heard', patterns: ['http.server.request'] },
  { name: 'http.server.** heard', patterns: ['http.server.**'] },
  { name: 'net.send heard', patterns: ['net.send'] },
  { name: 'net.* and http.** heard', patterns: ['net.*', 'http.**'] },
  { name: 'OpenTelemetry http', args: ['otel'] },
  {
    name: 'fastify, http.server.request heard',
    args: ['fastify'],
    patterns: ['http.server.request'],
  },
  { name: 'fastify, net.* and http.** heard', args: ['fastify'], patterns: ['net.*', 'http.**'] },
];

/** Requests that a server answers while another process hears its net probes, and with OpenTelemetry's instrumentation. */
export const netProbes: Benchmark = {
  name: 'net-probes',
  run: async (settings) => {
    const { rounds, leftOut } = await measure(settings.rounds);
    return report(rounds, leftOut);
  },
};

function report(rounds: readonly Round[], leftOut: readonly string[]) {
  const rows = contestants.flatMap(({ name }) =>
    [perThreadMs(name), perSecond(name)].map((figure) => ({
      name: figure,
      unit: figure === perSecond(name) ? '/s' : '/ms',
      figure: summarize(figuresOf(rounds, figure)),
      ...(name !== bare && {
        ratio: summarizeRatio(rounds, figure, figure.replace(name, baselineOf(name))),
      }),
    })),
  );
  const lost = (name: string, figure: (name: string) => string): Summary =>
    summarize(
      rounds.map(
        (round) => (1 - (round[figure(name)] ?? 0) / (round[figure(baselineOf(name))] ?? 0)) * 100,
      ),
    );
  const heard = contestants.filter(({ patterns = [] }) => patterns.length > 0);
  return {
    title: 'Net probes, requests of an HTTP server that does next to nothing',
    baseline: 'its baseline',
    rows,
    goals: [
      setGoal('net probes unheard, requests lost', lost('probes, unheard', perThreadMs), '%', { atMost: 1 }), // prettier-ignore
      ...heard.map(({ name }) => setGoal(`${name}, requests lost`, lost(name, perSecond), '%', { atMost: 5 })), // prettier-ignore
    ],
    notes: [
      `${turnsOfRound} turns of ${requestsOfTurn} requests on ${connections} connections a round, of which the middle one counts; each server is a process of its own. The first row of each is per millisecond of processor time of the server's thread, the second by the clock. The load is a small program in C, so that the server is what limits them; agent and consumer find room beside it.`,
      'What is heard is compared with turns of the same server unheard, which take the place of its baseline; the others with a server without probes.',
      'What is heard is decoded and counted in a process of its own, with what was lost on the way. Each request was counted in the server and in the client.',
      'OpenTelemetry: its instrumentation of http with a tracer provider, every span recorded and none exported. A span tells what one http.server.request does.',
      'fastify: a route of a small framework, heard to unheard as above.',
      ...leftOut,
    ],
  };
}

const unheard = (name: string): string => `${name}, unheard`;

function baselineOf(name: string): string {
  const { patterns = [] } = contestants.find((each) => each.name === name) ?? {};
  return patterns.length > 0 ? unheard(name) : bare;
}

const perThreadMs = (name: string): string => `${name}: requests per ms of its thread`;
const perSecond = (name: string): string => `${name}: requests a second`;

interface Measured {
  readonly rounds: readonly Round[];
  readonly leftOut: readonly string[];
}

async function measure(count: number): Promise<Measured> {
  await using load = await HttpLoad.start(connections);
  await using stack = new AsyncDisposableStack();
  const servers: Server[] = [];
  const leftOut: string[] = [];
  for (const contestant of contestants) {
    try {
      servers.push(stack.use(await Server.start(contestant)));
    } catch (error) {
      // OpenTelemetry's packages need another one, which is not installed with them.
      if (contestant.args?.[0] !== 'otel') throw error;
      const [, reason] = /^\w*Error.*: (.*)$/m.exec(String(error).slice(6)) ?? [];
      leftOut.push(`${contestant.name} was left out: ${reason ?? String(error)}`);
    }
  }
  // Heard in between, so that V8 has seen both before it is timed.
  for (const server of servers) await server.measureRound(load, requestsToWarmUp / turnsOfRound);
  const rounds: Round[] = [];
  for (let round = 0; round < count; round++) {
    const figures: Record<string, number> = {};
    const at = round % servers.length;
    for (const server of [...servers.slice(at), ...servers.slice(0, at)]) {
      Object.assign(figures, await server.measureRound(load, requestsOfTurn));
    }
    rounds.push(figures);
  }
  for (const server of servers) server.check();
  return { rounds, leftOut };
}

interface Turn {
  readonly served: number;
  readonly threadMs: number;
  readonly answered: number;
  readonly wallMs: number;
}

function figuresOfTurns(name: string, turns: readonly Turn[]): Round {
  if (turns.length === 0) return {};
  // The middle turn: one that somebody else's work got in the way of says nothing of the server.
  const middle = (rate: (turn: Turn) => number): number => summarize(turns.map(rate)).median;
  return {
    [perThreadMs(name)]: middle(({ served, threadMs }) => served / threadMs),
    [perSecond(name)]: middle(({ answered, wallMs }) => (answered * 1000) / wallMs),
  };
}

class Server implements AsyncDisposable {
  readonly #program: Program;
  readonly #contestant: Contestant;
  readonly #port: number;
  /** The process that hears it. */
  #listener: Program | undefined;
  /** Events by pattern, and the requests that were served meanwhile. */
  readonly #heard: Map<string, number> = new Map();
  #requestsHeard = 0;

  private constructor(program: Program, contestant: Contestant, port: number) {
    this.#program = program;
    this.#contestant = contestant;
    this.#port = port;
  }

  static async start(contestant: Contestant): Promise<Server> {
    const program = await Program.start('http-server', ...(contestant.args ?? []));
    const server = new Server(program, contestant, await program.ask<number>('port'));
    if (contestant.patterns === undefined) return server;
    server.#listener = await Program.start('listener');
    await server.#listener.ask('attach', program.pid);
    return server;
  }

  /** Turns of a server; of one that is heard, as many unheard, one before the other and then the other way round. */
  async measureRound(load: HttpLoad, count: number): Promise<Round> {
    const { name, patterns = [] } = this.#contestant;
    const turns: Turn[] = [];
    const unheardTurns: Turn[] = [];
    // The server has slept while others had their turns; until the scheduler has found processors for
    // all again, the first turn would lose by the clock, and it is a heard one.
    await this.#measure(load, requestsToWakeUp);
    for (let turn = 0; turn < turnsOfRound; turn++) {
      const isHeardFirst = turn % 2 === 0;
      if (patterns.length === 0) turns.push(await this.#measure(load, count));
      else {
        if (!isHeardFirst) unheardTurns.push(await this.#measure(load, count));
        turns.push(await this.#measureHeard(load, count, patterns));
        if (isHeardFirst) unheardTurns.push(await this.#measure(load, count));
      }
    }
    return { ...figuresOfTurns(name, turns), ...figuresOfTurns(unheard(name), unheardTurns) };
  }

  async #measureHeard(load: HttpLoad, count: number, patterns: readonly string[]): Promise<Turn> {
    await this.#listener?.ask('listen', patterns);
    const turn = await this.#measure(load, count);
    for (const [pattern, events] of Object.entries(
      (await this.#listener?.ask<Heard>('unlisten')) ?? {},
    ))
      this.#heard.set(pattern, (this.#heard.get(pattern) ?? 0) + events);
    this.#requestsHeard += count;
    return turn;
  }

  async #measure(load: HttpLoad, count: number): Promise<Turn> {
    const { name } = this.#contestant;
    const from = await this.#program.ask<Served>('served');
    const wallMs = await load.ask(this.#port, count);
    const to = await this.#program.ask<Served>('served');
    const served = to.requests - from.requests;
    assert.equal(served, count + 1, `${name}: served`);
    return { served, threadMs: to.threadMs - from.threadMs, answered: count, wallMs };
  }

  /** Was there something to hear, and was it heard? */
  check(): void {
    for (const pattern of this.#contestant.patterns ?? []) {
      const events = this.#heard.get(pattern) ?? 0;
      const told = `${this.#contestant.name}: ${events} of ${pattern} for ${this.#requestsHeard} requests`; // prettier-ignore
      assert.ok(events > this.#requestsHeard * 0.9, told);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
    await this.#program[Symbol.asyncDispose]();
  }
}
