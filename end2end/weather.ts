// A provider of the weather for tests, in the shape of Open-Meteo's answers: the server under test asks nobody else.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Rain at 17.4 degrees. */
const CURRENT = {
  time: '2026-05-12T03:00',
  interval: 900,
  temperature_2m: 17.4,
  relative_humidity_2m: 86,
  precipitation: 0.3,
  rain: 0.3,
  showers: 0,
  snowfall: 0,
  weather_code: 61,
  cloud_cover: 100,
  wind_speed_10m: 2.31,
};

export class WeatherProvider {
  /** Whether it answers with the weather, and not that something is wrong. */
  works = true;
  private held: Promise<void> = Promise.resolve();

  private constructor(private readonly server: Server) {}

  /** Listens on a free port of this machine. */
  static async start(): Promise<WeatherProvider> {
    const server = createServer(async (request, response) => {
      await provider.held;
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (!provider.works || pathname !== '/v1/forecast') {
        response.writeHead(provider.works ? 404 : 500).end();
        return;
      }
      const [latitude, longitude] = ['latitude', 'longitude'].map((name) => Number(searchParams.get(name)));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ latitude, longitude, current: CURRENT }));
    });
    const provider = new WeatherProvider(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return provider;
  }

  /** Answers nobody before what this returns is called. Who asks waits two seconds. */
  hold(): () => void {
    let release = () => {};
    this.held = new Promise((released) => {
      release = released;
    });
    return release;
  }

  /** The value for MOIM_WEATHER_URL. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}
