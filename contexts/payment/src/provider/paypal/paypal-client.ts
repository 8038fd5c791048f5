import { Client, Environment } from '@paypal/paypal-server-sdk';
import type { PayPalSettings } from './paypal-settings.js';

type RequestBuilderFactory = ReturnType<Client['getRequestBuilderFactory']>;

const SANDBOX = 'https://api-m.sandbox.paypal.com';

/** PayPal's client at the address that the settings name: the library itself knows two, and takes no other. */
export class PayPalClient extends Client {
  private readonly url: string;

  constructor({ clientId, clientSecret, url }: PayPalSettings) {
    super({
      environment: Environment.Sandbox,
      clientCredentialsAuthCredentials: { oAuthClientId: clientId, oAuthClientSecret: clientSecret },
      // It is asked again by the log, which outlives this process.
      httpClientOptions: { timeout: 20_000, retryConfig: { maxNumberOfRetries: 0 } },
    });
    this.url = url;
  }

  override getRequestBuilderFactory(): RequestBuilderFactory {
    const factory = super.getRequestBuilderFactory();
    return (...target: Parameters<RequestBuilderFactory>) => {
      const builder = factory(...target);
      builder.interceptRequest((request) => ({ ...request, url: request.url.replace(SANDBOX, this.url) }));
      return builder;
    };
  }
}
