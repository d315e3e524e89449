import type { ProcessNode } from '../../graph-types.ts';
import type { ViewKind } from '../messages.ts';
import { catalogueCodec } from './catalogue-codec.ts';
import { type Codec, wholeCodec } from './codec.ts';
import { flameCodec } from './flame-codec.ts';
import { heatCodec } from './heat-codec.ts';
import { incidentsCodec } from './incidents-codec.ts';
import { listCodec } from './list-codec.ts';
import { scriptsCodec } from './scripts-codec.ts';
import { seriesCodec } from './series-codec.ts';

// Each takes values and deltas of its own kind; whoever looks one up by a view's kind keeps to that.
type AnyCodec = Codec<unknown, unknown>;

/** How changes of each kind of view travel. */
export const codecs: Readonly<Record<ViewKind, AnyCodec>> = {
  processes: listCodec<ProcessNode>(({ pid }) => pid),
  catalogue: catalogueCodec,
  scripts: scriptsCodec,
  held: wholeCodec,
  state: wholeCodec,
  series: seriesCodec,
  histogram: wholeCodec,
  top: wholeCodec,
  heat: heatCodec,
  incidents: incidentsCodec,
  flame: flameCodec,
};
