/**
 * Index sort in the order of numpy's scalar introsort. It is not stable, and the order of two equal means decides which
 * kernel gets which sigma (see `parzen-estimator.ts`), so ties of the search depend on it.
 *
 * Musser, "Introspective sorting and selection algorithms" (1997): quicksort with median of three, insertion sort
 * for short pieces, heapsort where the recursion has become too deep.
 */

const INSERTION_SPAN = 15;

interface Piece {
  readonly left: number;
  readonly right: number;
  readonly depth: number;
}

/**
 * Indices of `values` in ascending order of value, ties in the order of numpy's scalar `argsort`.
 *
 * @param values finite numbers
 */
export function argsort(values: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: values.length }, (_, index) => index);
  sortIndices(values, order, 2 * (31 - Math.clz32(Math.max(values.length, 1))));
  return order;
}

/**
 * Sorts indices in place by the values they point to.
 *
 * @param maxDepth Partitions before a piece falls back to heapsort.
 */
export function sortIndices(values: ArrayLike<number>, order: Int32Array, maxDepth: number): void {
  const pending: Piece[] = [{ left: 0, right: order.length - 1, depth: maxDepth }];
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    if (piece.depth < 0) {
      heapsort(values, order, piece.left, piece.right);
      continue;
    }
    const rest = partitionDown(values, order, piece, pending);
    insertionSort(values, order, rest.left, rest.right);
  }
}

/** Partitions until the smaller part is short enough to insert; larger parts go to `pending`. */
function partitionDown(
  values: ArrayLike<number>,
  order: Int32Array,
  piece: Piece,
  pending: Piece[],
): { left: number; right: number } {
  let { left, right, depth } = piece;
  while (right - left > INSERTION_SPAN) {
    const pivot = partition(values, order, left, right);
    depth--;
    if (pivot - left < right - pivot) {
      pending.push({ left: pivot + 1, right, depth });
      right = pivot - 1;
    } else {
      pending.push({ left, right: pivot - 1, depth });
      left = pivot + 1;
    }
  }
  return { left, right };
}

function partition(values: ArrayLike<number>, order: Int32Array, left: number, right: number): number {
  const middle = left + ((right - left) >> 1);
  swapIfDescending(values, order, left, middle);
  swapIfDescending(values, order, middle, right);
  swapIfDescending(values, order, left, middle);
  const pivot = valueAt(values, order, middle);
  let i = left;
  let j = right - 1;
  swap(order, middle, j);
  while (true) {
    do i++;
    while (valueAt(values, order, i) < pivot);
    do j--;
    while (pivot < valueAt(values, order, j));
    if (i >= j) break;
    swap(order, i, j);
  }
  swap(order, i, right - 1);
  return i;
}

function insertionSort(values: ArrayLike<number>, order: Int32Array, left: number, right: number): void {
  for (let i = left + 1; i <= right; i++) {
    const moving = Number(order[i]);
    const value = Number(values[moving]);
    let j = i;
    for (; j > left && value < valueAt(values, order, j - 1); j--) order[j] = Number(order[j - 1]);
    order[j] = moving;
  }
}

function heapsort(values: ArrayLike<number>, order: Int32Array, left: number, right: number): void {
  const size = right - left + 1;
  for (let root = size >> 1; root > 0; root--) {
    siftDown(values, order, left, root, size, Number(order[left + root - 1]));
  }
  for (let last = size; last > 1; last--) {
    const moving = Number(order[left + last - 1]);
    order[left + last - 1] = Number(order[left]);
    siftDown(values, order, left, 1, last - 1, moving);
  }
}

/** Sifts index `moving` down from `root` in the heap of `size` indices that begins at `left` (heap positions from 1). */
function siftDown(
  values: ArrayLike<number>,
  order: Int32Array,
  left: number,
  root: number,
  size: number,
  moving: number,
): void {
  const value = Number(values[moving]);
  let hole = root;
  for (let child = root * 2; child <= size; child = hole * 2) {
    if (child < size && valueAt(values, order, left + child - 1) < valueAt(values, order, left + child))
      child++;
    if (!(value < valueAt(values, order, left + child - 1))) break;
    order[left + hole - 1] = Number(order[left + child - 1]);
    hole = child;
  }
  order[left + hole - 1] = moving;
}

function valueAt(values: ArrayLike<number>, order: Int32Array, position: number): number {
  return Number(values[Number(order[position])]);
}

function swapIfDescending(values: ArrayLike<number>, order: Int32Array, low: number, high: number): void {
  if (valueAt(values, order, high) < valueAt(values, order, low)) swap(order, low, high);
}

function swap(order: Int32Array, a: number, b: number): void {
  const kept = Number(order[a]);
  order[a] = Number(order[b]);
  order[b] = kept;
}
