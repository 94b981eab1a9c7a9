import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { Kind, parse } from 'graphql';
import { useMemo, useRef, type ComponentProps } from 'react';
import { examplesPlugin } from './examples';
import * as server from './server';
import { words, type Language } from './words';

type Fetcher = ComponentProps<typeof GraphiQL>['fetcher'];

interface Props {
  language: Language;
  examples: server.Example[];
  signedIn: boolean;
  onSessionEnded: () => void;
}

/** GraphiQL for one viewer. Tabs that this browser kept win over the examples, which stay in the side panel. */
export function Editor({ language, examples, signedIn, onSessionEnded }: Props) {
  // GraphiQL fetches the schema anew when the fetcher changes, so this one stays and reads what is current.
  const current = useRef({ language, signedIn, onSessionEnded });
  current.current = { language, signedIn, onSessionEnded };

  const fetcher = useMemo<Fetcher>(
    () => async (request, options) => {
      const { language, signedIn, onSessionEnded } = current.current;
      const answer = await server.graphql(withoutStaleName(request), options?.headers, language);
      if (signedIn && refusesTheViewer(answer)) onSessionEnded();
      return answer;
    },
    [],
  );
  const plugins = useMemo(() => [examplesPlugin(examples, words[language]), HISTORY_PLUGIN], [examples, language]);

  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={examples.length > 0 ? examples.map(asTab) : undefined}
      defaultQuery={words[language].welcome}
      defaultEditorToolsVisibility="variables"
      // Only someone who is signed in may read the schema.
      schema={signedIn ? undefined : null}
    >
      <GraphiQL.Logo>
        <></>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

function asTab(example: server.Example) {
  return { query: example.query, variables: variablesText(example) };
}

/** An example's variables as people edit them: JSON, or nothing when it has none. */
export function variablesText({ variables }: server.Example): string {
  return variables && Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : '';
}

/** GraphiQL notices half a second late that a request was renamed, and until then sends its old name along. */
function withoutStaleName<Request extends { query: string; operationName?: string | null }>(request: Request): Request {
  return operationNames(request.query).includes(request.operationName) ? request : { ...request, operationName: undefined };
}

/** The names of the operations in a document; none when it cannot be parsed, which the server then explains. */
function operationNames(query: string): unknown[] {
  try {
    const operations = parse(query).definitions.filter((part) => part.kind === Kind.OPERATION_DEFINITION);
    return operations.map((operation) => operation.name?.value);
  } catch {
    return [];
  }
}

function refusesTheViewer(answer: any): boolean {
  const errors: any[] = Array.isArray(answer?.errors) ? answer.errors : [];
  return errors.some((error) => error?.extensions?.code === 'UNAUTHENTICATED');
}
