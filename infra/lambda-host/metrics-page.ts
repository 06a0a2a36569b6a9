import { routeKey } from '../../shared/api/route.ts';
import { readMetrics } from '../../shared/api/system.ts';
import type { HttpResponse } from './http-response.ts';
import type { ProcessFigures } from './process-figures.ts';

/** Looks at an answer before it is sent, by the key of its route. */
export type AnswerAmendment = (routeKey: string, answer: HttpResponse) => HttpResponse;

/** Adds the processes' figures to what the stores tell. Only the text has a place for them: the JSON is a contract. */
export function metricsPage(figures: Pick<ProcessFigures, 'text'>): AnswerAmendment {
  return (key, answer) => {
    const type = answer.headers['content-type'];
    if (
      key !== routeKey(readMetrics) ||
      answer.statusCode !== 200 ||
      type !== readMetrics.text?.contentType
    ) {
      return answer;
    }
    return { ...answer, body: Buffer.concat([answer.body, Buffer.from(figures.text())]) };
  };
}
