/**
 * Stands in for `iconv-lite` (490 KB of tables) within the bundles. mysql2 asks it only for character sets that Node
 * doesn't know itself; our connections are utf8mb4, which Node does.
 */
function refuse(encoding: string): never {
  throw new Error(
    `The character set "${encoding}" is not in the bundle, which holds UTF-8 alone; connect with utf8mb4.`,
  );
}

export const getDecoder = refuse;
export const getEncoder = refuse;
