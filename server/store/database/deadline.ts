/** How often deadlines are checked, in milliseconds. */
const TICK_MS = 50;
/** A turn of the event loop that takes longer than this is time in which the process could not read any response. */
const BLOCKED_MS = 250;

/** Milliseconds of the monotonic clock in which the event loop was blocked. */
let blockedMs = 0;
let lastTick = 0;
let timer: NodeJS.Timeout | undefined;
const pending = new Set<Deadline>();

/**
 * Ends a wait after a time. Unlike a timer of Node, it does not end a wait whose response has arrived while the event loop was
 * busy: it is checked after the sockets were read, and the time for which the loop was blocked does not count.
 */
export class Deadline {
  readonly startedAt = performance.now();
  readonly ms: number;
  readonly #blockedBefore = blockedMs;
  #expired = false;
  /** Called once, when the time is over. */
  onExpire: () => void;

  constructor(ms: number, onExpire = () => {}) {
    this.ms = ms;
    this.onExpire = onExpire;
    pending.add(this);
    if (pending.size === 1 && timer === undefined) startTicking();
  }

  get isExpired(): boolean {
    return this.#expired;
  }

  /** Milliseconds since the start in which the event loop was not blocked. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt - (blockedMs - this.#blockedBefore);
  }

  /** Must be called when the wait has ended. */
  cancel(): void {
    pending.delete(this);
  }

  check(): void {
    if (this.elapsedMs < this.ms) return;
    this.cancel();
    this.#expired = true;
    this.onExpire();
  }
}

function startTicking(): void {
  lastTick = performance.now();
  scheduleTick();
}

function scheduleTick(): void {
  // An immediate runs after the sockets were read.
  timer = setTimeout(() => setImmediate(tick), TICK_MS).unref();
}

function tick(): void {
  const now = performance.now();
  const late = now - lastTick - TICK_MS;
  if (late > BLOCKED_MS) blockedMs += late;
  lastTick = now;
  for (const deadline of pending) deadline.check();
  timer = undefined;
  if (pending.size > 0) scheduleTick();
}
