import { GestaHealthIndicator } from '@gesta/nestjs';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly gesta: GestaHealthIndicator,
  ) {}

  @Get('live')
  @HealthCheck()
  @ApiOperation({ summary: 'Does the process answer?' })
  live() {
    return this.health.check([() => this.gesta.alive()]);
  }

  @Get('ready')
  @HealthCheck()
  @ApiOperation({ summary: 'Do the stores answer, and has every projection caught up once?' })
  ready() {
    return this.health.check([() => this.gesta.stores(), () => this.gesta.readers()]);
  }
}
