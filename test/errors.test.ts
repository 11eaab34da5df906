import { RatchetError, explainFault, isRatchetError, toRatchetError } from '../src/errors.js';
import { readConfig } from '../src/config.js';

describe('faults', () => {
  it('explains what, where and the mend in one sentence', () => {
    const fault = new RatchetError('NO_TESTS', 'No tests found.', {
      where: 'shop',
      mend: 'Add a test script.',
    });
    expect(explainFault(fault)).toBe('No tests found. (shop) Add a test script.');
  });
  it('keeps coded faults and wraps everything else', () => {
    const fault = new RatchetError('TIMEOUT', 'slow');
    expect(toRatchetError(fault)).toBe(fault);
    expect(isRatchetError(toRatchetError('boom'))).toBe(true);
    expect(toRatchetError(new Error('boom')).code).toBe('INTERNAL');
  });
});

describe('settings', () => {
  it('names the variable and hides secrets', () => {
    expect(() => readConfig({ RATCHET_API_PORT: 'seventy' })).toThrow(/RATCHET_API_PORT="seventy"/);
    expect(() => readConfig({ RATCHET_TOKEN: 'short' })).toThrow(/RATCHET_TOKEN=\(hidden\)/);
  });
  it('treats an empty variable as unset', () => {
    expect(readConfig({ RATCHET_API_PORT: '', RATCHET_HOME: '/tmp/x' }).api.port).toBe(7878);
  });
});
