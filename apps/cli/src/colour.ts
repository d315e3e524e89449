import { styleText } from 'node:util';
import { wantsColour } from '@extension-events/consumer-logger/format';

/** Paints text that goes to standard output, where colour is wanted. */
export function paint(style: 'bold' | 'dim' | 'green' | 'inverse' | 'red', text: string): string {
  return wantsColour(process.stdout.isTTY, process.env)
    ? styleText(style, text, { validateStream: false })
    : text;
}
