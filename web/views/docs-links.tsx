import type { Operation } from '../../shared/api/operations.ts';
import { docsAddress } from '../stream/api.ts';

/** Links to the operations that some figures come from, separated by commas. */
export function DocsLinks({ operations }: { operations: readonly Operation[] }) {
  return operations.map((operation, index) => (
    <span key={operation.operationId}>
      {index > 0 && ', '}
      <a href={docsAddress(operation)}>{`${operation.method} ${operation.path}`}</a>
    </span>
  ));
}
