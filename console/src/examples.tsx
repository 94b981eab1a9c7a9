import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import { variablesText } from './Editor';
import type { Example } from './server';
import type { Words } from './words';

/** A side panel that opens the examples again after their tabs were edited or closed. */
export function examplesPlugin(examples: Example[], say: Words): GraphiQLPlugin {
  return {
    title: say.examples,
    icon: ExamplesIcon,
    content: () => <ExamplesPanel examples={examples} say={say} />,
  };
}

function ExamplesPanel({ examples, say }: { examples: Example[]; say: Words }) {
  const { addTab } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({
    queryEditor,
    variableEditor,
  }));
  const open = (example: Example) => {
    addTab();
    queryEditor?.setValue(example.query);
    variableEditor?.setValue(variablesText(example));
  };
  return (
    <section className="examples">
      <h2>{say.examples}</h2>
      <p>{say.examplesHint}</p>
      <ul>
        {examples.map((example) => (
          <li key={example.title}>
            <button type="button" onClick={() => open(example)}>
              {example.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round">
      <path d="M4 5h16M4 10h10M4 15h16M4 20h7" />
    </svg>
  );
}
