import type { IncomingMessage } from 'node:http';
import { BadRequestException, HttpException } from '@nestjs/common';
import { problemOf } from './problem-details.js';
import { pathOf } from './request-path.js';

interface FastifyReply {
  code(status: number): FastifyReply;
  header(name: string, value: string): FastifyReply;
  send(body: string): unknown;
}

/**
 * Answers requests with problem details that Fastify's router refuses before any filter hears of them: paths that are no
 * text, and parameters that are too long. Fastify takes it where it is made, and nowhere else:
 *
 * ```ts
 * new FastifyAdapter({ frameworkErrors, routerOptions: { maxParamLength: 500 } })
 * ```
 */
export function frameworkErrors(error: Error, request: { readonly raw: IncomingMessage }, reply: FastifyReply): void {
  const { statusCode: status } = error as { statusCode?: number };
  const refused =
    status === undefined ? new BadRequestException(error.message) : new HttpException(error.message, status);
  const { details } = problemOf(refused, pathOf(request.raw.url ?? ''));
  reply.code(details.status).header('Content-Type', 'application/problem+json').send(JSON.stringify(details));
}
