/**
 * When Slack hears that something has come: once it is stored. A press that dies with us before that is shown to have failed, and pressed
 * again; an event is delivered again by Slack, and has one effect by its key.
 */
import { type App, type ReceiverEvent, SocketModeReceiver } from '@slack/bolt';

/** Tells Slack, the first time that it is called; what it answers to a form may go with it. */
export type Heard<Response = void> = (response?: Response) => Promise<void>;

/**
 * Slack waits three seconds (docs: Handling user interaction): whoever acts calls `heard` as soon as it is stored; what ends without that is
 * heard at its end.
 * @param onFailure a socket that is gone: what was done is done, and Slack says to the person that it does not know
 */
export async function acknowledged<Response>(
  ack: (response?: Response) => Promise<void>,
  onFailure: (error: unknown) => void,
  act: (heard: Heard<Response>) => Promise<void>,
): Promise<void> {
  let told: Promise<void> | undefined;
  const heard: Heard<Response> = (response) => {
    told ??= (response === undefined ? ack() : ack(response)).catch(onFailure);
    return told;
  };
  try {
    await act(heard);
  } finally {
    await heard();
  }
}

/** Bolt acknowledges events before any listener has run; here that is left to the listeners, and to the end of them. */
export class HeardOnceStored extends SocketModeReceiver {
  private readonly waiting = new WeakMap<object, Heard>();
  /** By Slack's id of an event: what takes longer than Slack waits is delivered again meanwhile. */
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly onFailure: (error: unknown) => void;

  constructor(o: ConstructorParameters<typeof SocketModeReceiver>[0], onFailure: (error: unknown) => void) {
    super(o);
    this.onFailure = onFailure;
  }

  override init(app: App): void {
    const process = async (event: ReceiverEvent, heard: Heard): Promise<void> => {
      this.waiting.set(event.body, heard);
      await app.processEvent({ ...event, ack: async () => {} });
    };
    const processEvent = (event: ReceiverEvent): Promise<void> => {
      const { type, event_id: id } = event.body;
      if (type !== 'event_callback') return app.processEvent(event);
      return acknowledged(
        () => event.ack(),
        this.onFailure,
        async (heard) => {
          const before = this.underWay.get(id);
          if (before !== undefined) return before;
          const done = process(event, heard).finally(() => this.underWay.delete(id));
          this.underWay.set(id, done);
          await done;
        },
      );
    };
    super.init({ processEvent } as App); // it is asked for nothing else
  }

  /** @param body of an event, as a listener has it */
  heardOf(body: object): Heard {
    return this.waiting.get(body) ?? (async () => {});
  }
}
