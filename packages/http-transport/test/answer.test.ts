import { setTimeout as passed } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Answer, Body, dispatch, type Question } from '../src/answer.ts';
import type { Channel, Listener } from '../src/channel.ts';

class Line {
  readonly log: string[] = [];
  pause(): void {
    this.log.push('pause');
  }
  resume(): void {
    this.log.push('resume');
  }
  abort(): void {
    this.log.push('abort');
  }
}

describe('the body of an answer', () => {
  it('gives what came in one turn of the event loop together, in its order', async () => {
    const body = new Body(new Line());
    const first = body.next();
    for (const text of ['a', 'bc', 'd']) body.push(Buffer.from(text));
    expect(String(await first)).toBe('abcd');
    body.push(Buffer.from('e'));
    expect(String(await body.next())).toBe('e');
    body.end();
    expect(await body.next()).toBeUndefined();
  });

  it('gives what came before the connection broke, and then why it broke', async () => {
    const body = new Body(new Line());
    body.push(Buffer.from('ab'));
    body.push(Buffer.from('c'));
    body.end(new Error('reset'));
    expect(String(await body.next())).toBe('abc');
    await expect(body.next()).rejects.toThrow('reset');
  });

  it('gives what is there without a wait, and tells when there is nothing yet', async () => {
    const body = new Body(new Line());
    expect(body.isReady).toBe(false);
    body.push(Buffer.from('ab'));
    expect(body.isReady).toBe(true);
    await body.wait();
    expect(String(body.take())).toBe('ab');
    expect(body.isReady).toBe(false);
    body.end();
    expect(body.isReady).toBe(true);
    expect(body.take()).toBeUndefined();
  });

  it('wakes a reader that waits when it ends or breaks', async () => {
    const [ended, broken] = [new Body(new Line()), new Body(new Line())];
    const waiting = [ended.next(), broken.next()];
    ended.end();
    broken.end(new Error('reset'));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('pauses the connection while more than 1 MiB waits', async () => {
    const line = new Line();
    const body = new Body(line);
    body.push(new Uint8Array(1024 * 1024 - 1));
    expect(line.log).toEqual([]);
    body.push(new Uint8Array(1));
    body.push(new Uint8Array(1));
    expect(line.log).toEqual(['pause']);
    expect((await body.next())?.length).toBe(1024 * 1024 + 1);
    expect(line.log).toEqual(['pause', 'resume']);
  });
});

describe('a request', () => {
  /** Notes what it is told to do, and answers when the test says so. */
  class Server extends Line implements Channel {
    listener: Listener | undefined;
    send(path: string, _: unknown, listener: Listener): this {
      this.log.push(`send ${path}`);
      this.listener = listener;
      return this;
    }
    override abort(reason?: Error): void {
      super.abort();
      this.listener?.onError(reason ?? new Error('none'));
    }
    close(): void {}
  }

  function ask(channel: Promise<Channel>, question: Partial<Question> = {}): Promise<Answer> {
    const late = (): Error => new Error('late');
    return dispatch(channel, {
      path: '/x',
      headers: {},
      firstByteMs: 20,
      late,
      signal: undefined,
      ...question,
    });
  }

  it('that has no answer in time is ended', async () => {
    const server = new Server();
    await expect(ask(Promise.resolve(server))).rejects.toThrow('late');
    expect(server.log).toEqual(['send /x', 'abort']);
  });

  it('that cannot be sent says why', async () => {
    const channel: Channel = {
      send: () => {
        throw new Error('the session has ended');
      },
      close: () => undefined,
    };
    await expect(ask(Promise.resolve(channel))).rejects.toThrow('the session has ended');
  });

  it('that has no connection in time is never sent', async () => {
    const server = new Server();
    const opening = passed(40, server);
    await expect(ask(opening)).rejects.toThrow('late');
    await opening;
    expect(server.log).toEqual([]);
  });

  it('whose transfer ends without an answer has none in time', async () => {
    const server = new Server();
    const asked = ask(Promise.resolve(server));
    queueMicrotask(() => server.listener?.onEnd());
    await expect(asked).rejects.toThrow('late');
  });

  it('that was answered has time for its body, until the caller stops it', async () => {
    const server = new Server();
    const stop = new AbortController();
    const asked = ask(Promise.resolve(server), { signal: stop.signal });
    await passed(0);
    server.listener?.onAnswer(200, {});
    const { body } = await asked;
    await passed(40);
    server.listener?.onData(Buffer.from('ab'));
    expect(String(await body.next())).toBe('ab');
    expect(server.log).toEqual(['send /x']);
    stop.abort();
    await expect(body.next()).rejects.toThrow('stopped by the caller');
    expect(server.log).toEqual(['send /x', 'abort']);
  });
});
