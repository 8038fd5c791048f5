import type { PaymentCallbacks } from '../callbacks/payment-callbacks.js';
import { AuthorizeNetProvider } from './authorize-net/authorize-net-provider.js';
import { PayPalProvider } from './paypal/paypal-provider.js';
import type { PaymentProvider } from './payment-provider.js';
import type { PaymentSettings } from './payment-settings.js';
import { LedgerFile, noLedger } from './simulated/simulated-ledger.js';
import { SimulatedProvider } from './simulated/simulated-provider.js';
import { StripeProvider } from './stripe/stripe-provider.js';

/** The provider that the settings name. The simulated one calls back within this process. */
export function openProvider(settings: PaymentSettings, callbacks: PaymentCallbacks): PaymentProvider {
  switch (settings.provider) {
    case 'stripe':
      return new StripeProvider(settings.stripe);
    case 'paypal':
      return new PayPalProvider(settings.paypal);
    case 'authorizenet':
      return new AuthorizeNetProvider(settings.authorizenet);
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
  }
}
