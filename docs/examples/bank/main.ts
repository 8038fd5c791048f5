import 'reflect-metadata';
import { configureHttp } from '@gesta/nestjs';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './bank.module.js';

const app = configureHttp(await NestFactory.create(AppModule));
await app.listen(3000, '127.0.0.1');
