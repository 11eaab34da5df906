/** What a caller is told when a call to Temporal fails: away, not the right server, or a defect of ours. */
import { createGateway, type Gateway } from '../../src/api/gateway.js';
import { startTestStack, type TestStack } from '../support/servers.js';

const request = { by: 'ada', reason: 'enough' };
let stack: TestStack;
const opened: Gateway[] = [];
beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(async () => {
  for (const gateway of opened) await gateway.close();
  await stack.stop();
});

function gatewayTo(address: string, namespace = 'default'): Gateway {
  const gateway = createGateway({ address, namespace });
  opened.push(gateway);
  return gateway;
}

it('a server that is not there is away', async () => {
  await expect(gatewayTo('127.0.0.1:1').stopCycle('r-1', request)).rejects.toMatchObject({
    code: 'TEMPORAL_UNAVAILABLE',
    message: 'Temporal does not answer.',
  });
});

it('a namespace that is not there is named, with the setting to mend', async () => {
  const error = gatewayTo(stack.temporalAddress, 'no-such-place').stopCycle('r-1', request);
  await expect(error).rejects.toMatchObject({
    code: 'TEMPORAL_UNAVAILABLE',
    message: expect.stringMatching(/refused.*no-such-place/) as string,
    mend: expect.stringContaining('namespace') as string,
  });
});

it('a call that no server would take is a defect of ours, not a server that is away', async () => {
  const tooLong = `r-${'x'.repeat(5_000)}`;
  await expect(gatewayTo(stack.temporalAddress).ask(tooLong, 'turn')).rejects.toMatchObject({
    code: 'INTERNAL',
  });
});
