/** What the proxy tells its owner: one event an answer. `message` is safe to print. */
export interface ProxyEvent {
  /** `failed`: a defect of the proxy, which the log must explain. */
  readonly kind: 'served' | 'absent' | 'refused' | 'waiting' | 'failed';
  readonly path: string;
  readonly status: number;
  readonly message: string;
}
