import { languageTag, words, type Language } from './words';

/** Who is signed in. */
export interface User {
  id: string;
  name: string;
}

/** A person of the sample company; the password is there only for sample logins. */
export interface Person {
  login: string;
  name: string;
  title: string;
  password?: string;
}

/** A request that opens as a tab. */
export interface Example {
  title: string;
  query: string;
  variables?: Record<string, unknown>;
}

/** A refusal with a sentence that may be shown to people. */
export class Refusal extends Error {}

/**
 * Asks this page's own server and answers its JSON, whatever its status.
 * @throws Refusal when the server is gone or does not answer JSON.
 */
async function ask(path: string, language: Language, init: RequestInit = {}): Promise<[Response, any]> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        'Accept-Language': languageTag[language],
        'X-Requested-With': 'guanxi',
        ...(init.body ? { 'Content-Type': 'application/json' } : {}),
        ...init.headers,
      },
    });
  } catch {
    throw new Refusal(words[language].unreachable);
  }
  const text = await response.text();
  if (text === '') return [response, null];
  try {
    return [response, JSON.parse(text)];
  } catch {
    throw new Refusal(words[language].notUnderstood(response.status));
  }
}

async function askOrRefuse(path: string, language: Language, init?: RequestInit): Promise<any> {
  const [response, body] = await ask(path, language, init);
  if (!response.ok) throw new Refusal(body?.error?.message ?? words[language].notUnderstood(response.status));
  return body;
}

/** Who is signed in, or null. */
export async function whoAmI(language: Language): Promise<User | null> {
  return (await askOrRefuse('/session', language))?.user ?? null;
}

/** Signs in; a wrong login or password is a Refusal in the server's words. */
export async function signIn(login: string, password: string, language: Language): Promise<User> {
  const body = JSON.stringify({ login, password });
  return (await askOrRefuse('/session', language, { method: 'POST', body })).user;
}

export async function signOut(language: Language): Promise<void> {
  await askOrRefuse('/session', language, { method: 'DELETE' });
}

export function samplePeople(language: Language): Promise<Person[]> {
  return askOrRefuse('/playground/people.json', language);
}

export function examples(language: Language): Promise<Example[]> {
  return askOrRefuse('/playground/examples.json', language);
}

/** Sends one GraphQL request; its errors are part of the answer, not thrown. */
export async function graphql(
  request: object,
  headers: Record<string, string> | undefined,
  language: Language,
): Promise<any> {
  const [, body] = await ask('/graphql', language, { method: 'POST', body: JSON.stringify(request), headers });
  return body;
}
