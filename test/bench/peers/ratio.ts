/** The name of the figure that compares the system with a peer: `ofPython` for `python`. */
export function ratioName(peer: string): string {
  return `of${peer.slice(0, 1).toUpperCase()}${peer.slice(1)}`;
}
