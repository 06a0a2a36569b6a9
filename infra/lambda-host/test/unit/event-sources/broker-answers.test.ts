import { describe, expect, test, vi } from 'vitest';
import { trackBrokers } from '../../../event-sources/topic-reader.ts';

describe('answers of several brokers', () => {
  test('a broker that answers does not hide one that has not since the group was joined', () => {
    const allAnswered = vi.fn();
    const brokers = trackBrokers(allAnswered);
    for (const node of [1, 2]) brokers.asked(node);
    for (let fetch = 0; fetch < 3; fetch += 1) {
      brokers.answered(1);
      brokers.asked(1);
    }
    expect(allAnswered).not.toHaveBeenCalled();
    brokers.answered(2);
    expect(allAnswered).toHaveBeenCalledOnce();
  });

  test('a request in progress is no silence of a broker that has answered before', () => {
    const allAnswered = vi.fn();
    const brokers = trackBrokers(allAnswered);
    for (const node of [1, 2]) brokers.asked(node);
    for (const node of [1, 2]) brokers.answered(node);
    brokers.asked(2);
    brokers.answered(1);
    expect(allAnswered).toHaveBeenCalledTimes(2);
  });

  test('after the group is joined again every broker has to answer again', () => {
    const allAnswered = vi.fn();
    const brokers = trackBrokers(allAnswered);
    brokers.asked(1);
    brokers.answered(1);
    brokers.forget();
    for (const node of [1, 2]) brokers.asked(node);
    brokers.answered(1);
    expect(allAnswered).toHaveBeenCalledOnce();
  });
});
