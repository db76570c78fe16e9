import { countBelow, edgeNear, type Range, rangeOf } from './buckets.ts';
import type { ImageShape } from './sample.ts';

/** Images of about one shape: ranges of both sides and of what they weigh. */
export interface ShapeBox {
  width: Range;
  height: Range;
  /** What `weight` counts: bytes where both sides are exact, else bits a pixel, so that it does not grow with them. */
  weighs: 'bytes' | 'bitsPerPixel';
  /** null: the source gives pixels only. */
  weight: Range | null;
  mean: {
    width: number;
    height: number;
    /** 0 where the source gives pixels only. */
    bytes: number;
    /** Of all images together; null as above. */
    bitsPerPixel: number | null;
  };
  /** Of the largest and of the heaviest file. */
  most: { pixels: number; bytes: number };
  count: number;
}

export interface ShapeRules {
  /** At most so many. */
  boxes: number;
  leastFiles: number;
}

const dimensions = ['width', 'height', 'weight'] as const;
type Dimension = (typeof dimensions)[number];
type Vector = Readonly<Record<Dimension, number>> & { bytes: number | null };

interface Cluster {
  weighs: ShapeBox['weighs'];
  vectors: readonly Vector[];
  /** Where cuts have bounded it; its own range lies within. */
  limits: Readonly<Record<Dimension, Range>>;
}

/** Sides are at most what a JPEG header can say (ITU-T T.81, B.2.2). */
const sideLimits: Range = { from: 1, to: 65_535 };
const weightLimits: Range = { from: 0, to: Number.POSITIVE_INFINITY };
const wholeSpace = { width: sideLimits, height: sideLimits, weight: weightLimits };
/** A side of the next cluster begins one pixel later, so that a rounded side falls into one of the two only. */
const steps: Readonly<Record<Dimension, number>> = { width: 1, height: 1, weight: 0 };
/** Two digits keep any one file from being recognised. */
const digits = 2;
/** Below it the headers of a file weigh too much for bits a pixel to tell images apart. */
const leastWeighedBytes = 5000;
/** The largest are what ends a server: so many are set apart. */
const tailShare = 0.01;
const mostTailFiles = 30;

/** A weight of 1 for all where there are no bytes, so that no cut is made by it. */
function vectorOf({ width, height, bytes }: ImageShape): Vector {
  return { width, height, bytes, weight: bytes === null ? 1 : (bytes * 8) / (width * height) };
}

const pixelsOf = ({ width, height }: Vector): number => width * height;
const bytesOf = ({ bytes }: Vector): number => bytes ?? 0;

function clusterOf(vectors: readonly Vector[], weighs: ShapeBox['weighs']): Cluster {
  const weighed = weighs === 'bytes' ? vectors.map((vector) => ({ ...vector, weight: vector.bytes ?? 1 })) : vectors;
  return { weighs, vectors: weighed, limits: wholeSpace };
}

function rising({ vectors }: Cluster, dimension: Dimension): number[] {
  return vectors.map((vector) => vector[dimension]).sort((a, b) => a - b);
}

/** How many times the least the most is. */
function ratioOf({ vectors }: Cluster, dimension: Dimension): number {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const vector of vectors) {
    least = Math.min(least, vector[dimension]);
    most = Math.max(most, vector[dimension]);
  }
  return most / least;
}

/** Sizes that several files share keep their exact sides, the most common ones first; then all the others. */
function splitOffExactSizes(vectors: readonly Vector[], { boxes, leastFiles }: ShapeRules): Cluster[] {
  const bySize = new Map<string, Vector[]>();
  for (const vector of vectors) {
    const size = `${vector.width}x${vector.height}`;
    const same = bySize.get(size);
    if (same === undefined) {
      bySize.set(size, [vector]);
    } else {
      same.push(vector);
    }
  }
  const enough = Math.max(leastFiles, vectors.length / (2 * boxes));
  const common = [...bySize.values()]
    .filter((same) => same.length >= enough)
    .sort((a, b) => b.length - a.length)
    .slice(0, Math.max(1, boxes - 1));
  const kept = new Set(common.flat());
  const others = vectors.filter((vector) => !kept.has(vector));
  return [
    ...common.map((same) => clusterOf(same, 'bytes')),
    ...(others.length === 0 ? [] : [clusterOf(others, 'bitsPerPixel')]),
  ];
}

/** Two clusters of at least `least` files, cut at a rounded value next to position `wanted`; null: there is no such cut. */
function cut(cluster: Cluster, dimension: Dimension, wanted: number, least: number): Cluster[] | null {
  const { weighs, vectors, limits } = cluster;
  const edge = edgeNear(rising(cluster, dimension), wanted, { digits, least, start: 0, end: vectors.length });
  if (edge === null) {
    return null;
  }
  const { from, to } = limits[dimension];
  return [
    {
      weighs,
      vectors: vectors.filter((vector) => vector[dimension] < edge),
      limits: { ...limits, [dimension]: { from, to: edge - steps[dimension] } },
    },
    {
      weighs,
      vectors: vectors.filter((vector) => vector[dimension] >= edge),
      limits: { ...limits, [dimension]: { from: edge, to } },
    },
  ];
}

/** The dimensions in which a cluster may be cut. */
function openDimensions({ weighs, vectors }: Cluster): readonly Dimension[] {
  const isWeighed = weighs === 'bytes' || vectors.every(({ bytes }) => (bytes ?? 0) >= leastWeighedBytes);
  return isWeighed ? dimensions : dimensions.filter((dimension) => dimension !== 'weight');
}

/** Cuts in half the cluster that hides most, where it is widest; null if none can be cut. */
function halveWidest(clusters: readonly Cluster[], least: number): Cluster[] | null {
  const candidates = clusters
    .flatMap((cluster) =>
      openDimensions(cluster).map((dimension) => ({
        cluster,
        dimension,
        hidden: cluster.vectors.length * Math.log(ratioOf(cluster, dimension)),
      })),
    )
    .filter(({ hidden }) => hidden > 0)
    .sort((a, b) => b.hidden - a.hidden);
  for (const { cluster, dimension } of candidates) {
    const parts = cut(cluster, dimension, Math.floor(cluster.vectors.length / 2), least);
    if (parts !== null) {
      return clusters.flatMap((held) => (held === cluster ? parts : [held]));
    }
  }
  return null;
}

function splitWidest(clusters: readonly Cluster[], wanted: number, least: number): readonly Cluster[] {
  let current = clusters;
  while (current.length < wanted) {
    const next = halveWidest(current, least);
    if (next === null) {
      return current;
    }
    current = next;
  }
  return current;
}

interface Tail {
  /** How many are set apart, if the cut can be made there. */
  files: number;
  leastFiles: number;
  cost(vector: Vector): number;
  /** Where it may be cut off. */
  dimensions: readonly Dimension[];
}

/** The cluster without and with its costliest file and what is beyond a cut along `dimension`; null: no such cut. */
function cutTail(
  cluster: Cluster,
  costliest: Vector,
  dimension: Dimension,
  { files, leastFiles }: Tail,
): Cluster[] | null {
  const count = cluster.vectors.length;
  const own = countBelow(rising(cluster, dimension), costliest[dimension]);
  const wanted = Math.min(own, count - files, count - leastFiles);
  const parts = cut(cluster, dimension, Math.max(leastFiles, wanted), leastFiles);
  return parts?.[1]?.vectors.includes(costliest) === true ? parts : null;
}

/** Sets the costliest file and the few beside it apart, so that they are as rare in the recipe as in the source. */
function splitTail(clusters: readonly Cluster[], tail: Tail): readonly Cluster[] {
  const costliest = clusters
    .flatMap(({ vectors }) => vectors)
    .reduce((all, vector) => (tail.cost(vector) > tail.cost(all) ? vector : all));
  const holder = clusters.find(({ vectors }) => vectors.includes(costliest));
  if (holder === undefined) {
    return clusters;
  }
  const sizeOf = (parts: readonly Cluster[]): number => parts[1]?.vectors.length ?? 0;
  const parts = openDimensions(holder)
    .filter((dimension) => tail.dimensions.includes(dimension))
    .flatMap((dimension) => {
      const found = cutTail(holder, costliest, dimension, tail);
      return found === null ? [] : [found];
    })
    .sort((a, b) => sizeOf(a) - sizeOf(b))[0];
  return clusters.flatMap((cluster) => (cluster === holder && parts !== undefined ? parts : [cluster]));
}

function boxOf(cluster: Cluster, leastFiles: number): ShapeBox {
  const { vectors, weighs, limits } = cluster;
  const isKnown = vectors.every(({ bytes }) => bytes !== null);
  const range = (dimension: Dimension): Range =>
    rangeOf(rising(cluster, dimension), digits, leastFiles, limits[dimension]);
  const sum = (numberOf: (vector: Vector) => number): number =>
    vectors.reduce((all, vector) => all + numberOf(vector), 0);
  const most = (numberOf: (vector: Vector) => number): number =>
    vectors.reduce((all, vector) => Math.max(all, numberOf(vector)), 0);
  const count = vectors.length;
  return {
    width: range('width'),
    height: range('height'),
    weighs,
    weight: isKnown ? range('weight') : null,
    mean: {
      width: sum(({ width }) => width) / count,
      height: sum(({ height }) => height) / count,
      bytes: sum(bytesOf) / count,
      bitsPerPixel: isKnown ? (sum(bytesOf) * 8) / sum(pixelsOf) : null,
    },
    most: { pixels: most(pixelsOf), bytes: most(bytesOf) },
    count,
  };
}

/**
 * Boxes that hold all images: first the sizes that many share, exactly; then the rest, cut in half where it is
 * widest (as a k-d tree is), with the largest set apart.
 */
export function shapeBoxesOf(shapes: readonly ImageShape[], { boxes, leastFiles }: ShapeRules): ShapeBox[] {
  const vectors = shapes.map(vectorOf);
  const exact = splitOffExactSizes(vectors, { boxes, leastFiles });
  const hasTail = boxes - exact.length >= 3;
  let clusters = splitWidest(exact, hasTail ? boxes - 2 : boxes, leastFiles);
  if (hasTail) {
    const files = Math.max(leastFiles, Math.min(mostTailFiles, Math.round(vectors.length * tailShare)));
    clusters = splitTail(clusters, { files, leastFiles, cost: pixelsOf, dimensions: ['width', 'height'] });
    clusters = splitTail(clusters, { files, leastFiles, cost: bytesOf, dimensions });
  }
  return clusters.map((cluster) => boxOf(cluster, leastFiles));
}
