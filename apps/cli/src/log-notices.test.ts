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

function start(): { notices: LogNotices; post: (notice: LoggerNotice) => void; told: string[] } {
  const notices$ = new Subject<LoggerNotice>();
  const told: string[] = [];
  const notices = new LogNotices({ notices$ }, ({ kind }) => told.push(kind));
  return { notices, post: (notice) => notices$.next(notice), told };
}

it('when all refuse, the reason that ends the command is not told before, and others once', () => {
  const { notices, post, told } = start();
  const end = refusal('no field');
  post({ kind: 'refused', message: 'process 7 does not serve a', error: end });
  post({ kind: 'not-heard', message: 'a is not heard', error: refusal('no field') });
  post({ kind: 'refused', message: 'process 8 does not serve a', error: refusal('other') });
  post({ kind: 'refused', message: 'process 9 does not serve a', error: refusal('other') });
  expect(written).toBe('');
  notices.settle(end);
  expect(written).toBe('process 8 does not serve a:\nEE_EXPR_FIELD: other\nhint: look\n');
  expect(told).toEqual(['refused']);
});

it('when one serves, each refusal is told, and later notices at once', () => {
  const { notices, post, told } = start();
  post({ kind: 'not-heard', message: 'a is not heard', error: refusal('no field') });
  notices.settle();
  post({ kind: 'slow', message: 'slow' });
  expect(written).toBe('a is not heard:\nEE_EXPR_FIELD: no field\nhint: look\nslow\n');
  expect(told).toEqual(['not-heard', 'slow']);
});
