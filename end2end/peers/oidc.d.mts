export const CLIENT: { id: string; secret: string };
export interface TestProvider {
  readonly issuer: string;
  stop(): Promise<void>;
}
export function startProvider(how: { callbacks: string[]; says?: 'less' | 'more'; takes?: 'client_secret_basic' | 'client_secret_post' }): Promise<TestProvider>;
