import { documentProblems } from '@gesta/nestjs';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Describes the API by OpenAPI: to people under `/docs`, to tools under `/docs-json`. */
export function describeApi(app: INestApplication, title: string): void {
  const description = new DocumentBuilder()
    .setTitle(title)
    .setDescription(
      [
        'Put something into stock, order it, and watch the order being confirmed.',
        '',
        'Every command answers with the `position` at which it was recorded. Hand it back as `after` to read what you wrote.',
        'Errors are problem details (RFC 9457): 400 lists every violated field, 409 bears the name of the refusal.',
      ].join('\n'),
    )
    .setVersion('0.1.0')
    .addTag('catalog', 'Products, their prices and pictures')
    .addTag('inventory', 'Stock on hand and reservations')
    .addTag('ordering', 'Orders and their fulfilment')
    .addTag('payment', 'Money held, taken and given back')
    .addTag('health', 'For whoever runs the marketplace')
    .build();
  SwaggerModule.setup('docs', app, () => documentProblems(SwaggerModule.createDocument(app, description)), {
    customSiteTitle: title,
  });
}
