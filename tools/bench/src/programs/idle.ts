/** A program to attach to. It waits; once told to spin, it never comes back to its event loop. */
import { serve } from '../serve.ts';

serve({
  spin: () => {
    setTimeout(() => {
      let turns = 0;
      for (;;) turns++;
    }, 1);
  },
});
