import { ConfigurationError } from '@gesta/nestjs';
import type { PaymentCallbacks } from '../callbacks/payment-callbacks.js';
import type { PaymentProvider } from './payment-provider.js';
import type { PaymentSettings } from './payment-settings.js';
import { LedgerFile, noLedger } from './simulated/simulated-ledger.js';
import { SimulatedProvider } from './simulated/simulated-provider.js';

/** The provider that the settings name. The simulated one calls back within this process. */
export function openProvider(settings: PaymentSettings, callbacks: PaymentCallbacks): PaymentProvider {
  switch (settings.provider) {
    case 'simulated': {
      const { ledger } = settings.simulated;
      const provider: PaymentProvider = new SimulatedProvider(
        settings.simulated,
        ledger === undefined ? noLedger : new LedgerFile(ledger),
        async (body, headers) => {
          const signal = AbortSignal.timeout(settings.timeoutMs);
          await callbacks.take(provider, { body, headers, now: new Date(), signal });
        },
      );
      return provider;
    }
    default:
      throw new ConfigurationError([`The payment provider ${settings.provider} cannot be used yet: use simulated`]);
  }
}
