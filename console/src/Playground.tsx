import { useEffect, useState } from 'react';
import { Editor } from './Editor';
import { SignInBar } from './SignInBar';
import * as server from './server';
import { firstLanguage, languageTag, rememberLanguage, words, type Language } from './words';

/** What the page needs to know before the editor can open. */
interface Start {
  examples: server.Example[];
  people: server.Person[];
}

export function Playground() {
  const [language, setLanguage] = useState(firstLanguage);
  const [start, setStart] = useState<Start | null>(null);
  const [user, setUser] = useState<server.User | null>(null);
  const [error, setError] = useState('');
  const say = words[language];

  useEffect(() => {
    document.documentElement.lang = languageTag[language];
    document.title = `关系 Guanxi · ${say.playground}`;
  }, [language, say]);

  useEffect(() => {
    const show = (failure: Error) => setError(failure.message);
    const user = server.whoAmI(language).then(setUser).catch(show);
    const examples = server.examples(language).catch((failure) => (show(failure), []));
    const people = server.samplePeople(language).catch((failure) => (show(failure), []));
    void Promise.all([examples, people, user]).then(([examples, people]) => setStart({ examples, people }));
    // Once: the examples are tabs that people edit, so a change of language does not fetch them again.
  }, []);

  const attempt = (work: () => Promise<server.User | null>) => {
    setError('');
    return work().then(setUser, (failure: Error) => setError(failure.message));
  };

  const switchLanguage = (next: Language) => {
    rememberLanguage(next);
    setLanguage(next);
    setError('');
  };

  return (
    <>
      <SignInBar
        language={language}
        people={start?.people ?? []}
        user={user}
        onSignIn={(login, password) => attempt(() => server.signIn(login, password, language))}
        onSignOut={() => attempt(() => server.signOut(language).then(() => null))}
        onLanguage={switchLanguage}
      />
      {error && (
        <div className="notice notice-error" role="alert">
          <span>{error}</span>
          <button type="button" aria-label={say.dismiss} onClick={() => setError('')}>
            ×
          </button>
        </div>
      )}
      {start && !user && !error && <div className="notice">{say.signedOutHint}</div>}
      <main>
        {start ? (
          // A new viewer gets a new editor: a schema of his own, and no answer that another viewer got.
          <Editor
            key={user?.id ?? 'nobody'}
            language={language}
            examples={start.examples}
            signedIn={user !== null}
            onSessionEnded={() => attempt(() => server.whoAmI(language))}
          />
        ) : (
          <p className="loading">{say.loading}</p>
        )}
      </main>
    </>
  );
}
