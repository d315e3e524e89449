import { effect, signal, type Signal } from '@preact/signals';

const key = 'extev-script';
const example = `# Throws an event for each send of 13 bytes. Graph it: it is under Events.
event lucky13 { len: u32, peer: string }

probe net.send if (len == 13) {
  throw event lucky13 { len = len, peer = remoteAddress }
}
`;

/** What is in the editor; a reload does not lose it. */
export const scriptText: Signal<string> = signal<string>(read());

effect(() => {
  try {
    sessionStorage.setItem(key, scriptText.value);
  } catch {
    // storage may be forbidden, or full
  }
});

function read(): string {
  try {
    return sessionStorage.getItem(key) ?? example;
  } catch {
    return example;
  }
}
