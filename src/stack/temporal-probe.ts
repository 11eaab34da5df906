/**
 * Asks Temporal whether it serves a namespace, by one gRPC call written by hand over HTTP/2: the supervisor lives as
 * long as the stack, and the whole client would cost it 60 MB.
 */
import { connect } from 'node:http2';

const describeNamespace = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace';

/** gRPC's frame: not compressed, length, then the message `{1: namespace}`. */
function request(namespace: string): Buffer {
  const name = Buffer.from(namespace);
  const length: number[] = [];
  let rest = name.length;
  do {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    rest >>= 7;
  } while (rest > 0);
  const message = Buffer.concat([Buffer.from([0x0a, ...length]), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

/** True when the namespace exists and is served at that address (without TLS). */
export function temporalAnswers(address: string, namespace: string, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const timer = setTimeout(() => end(false), timeoutMs);
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    session.on('error', () => end(false));
    const stream = session.request({
      ':method': 'POST',
      ':path': describeNamespace,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: unknown;
    // An error comes with the headers, success with the trailers.
    stream.on('response', (headers) => (status ??= headers['grpc-status']));
    stream.on('trailers', (trailers) => (status ??= trailers['grpc-status']));
    stream.on('error', () => end(false));
    stream.on('close', () => end(Number(status ?? NaN) === 0));
    stream.resume();
    stream.end(request(namespace));
  });
}
