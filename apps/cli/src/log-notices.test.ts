import { Subject } from 'rxjs';
import { afterEach, expect, it, vi } from 'vitest';
import type { LoggerNotice } from '@extension-events/consumer-logger';
import { ExtensionEventError } from '@extension-events/core';
import { LogNotices } from './log-notices.ts';

let written = '';
vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
  written += String(text);
  return true;
});
afterEach(() => {
  written = '';
});

const refusal = (message: string): ExtensionEventError =>
  new ExtensionEventError('EE_EXPR_FIELD', message, 'look');

function start(): { notices: LogNotices; post: (notice: LoggerNotice) => void } {
  const notices$ = new Subject<LoggerNotice>();
  const notices = new LogNotices({ notices$ });
  return { notices, post: (notice) => notices$.next(notice) };
}

it('when all refuse, the reason that ends the command is not told before, and others once', () => {
  const { notices, post } = start();
  const end = refusal('no field');
  post({ kind: 'refused', message: 'process 7 does not serve a', error: end });
  post({ kind: 'not-heard', message: 'a is not heard', error: refusal('no field') });
  post({ kind: 'refused', message: 'process 8 does not serve a', error: refusal('other') });
  post({ kind: 'refused', message: 'process 9 does not serve a', error: refusal('other') });
  expect(written).toBe('');
  notices.settle(end);
  expect(written).toBe('process 8 does not serve a:\nEE_EXPR_FIELD: other\nhint: look\n');
});

it('when one serves, each refusal is told, and later notices at once', () => {
  const { notices, post } = start();
  post({ kind: 'not-heard', message: 'a is not heard', error: refusal('no field') });
  notices.settle();
  post({ kind: 'slow', message: 'slow' });
  expect(written).toBe('a is not heard:\nEE_EXPR_FIELD: no field\nhint: look\nslow\n');
});

it('says together which event types of a process refuse alike', () => {
  const { notices, post } = start();
  for (const event of ['x.a', 'x.b']) post({ kind: 'not-heard', pid: 7, event, message: `${event} is not heard in process 7`, error: refusal(`${event} has no field`) }); // prettier-ignore
  notices.settle();
  expect(written).toBe(
    'x.a, x.b are not heard in process 7:\nEE_EXPR_FIELD: x.a has no field\nhint: look\n',
  );
});
