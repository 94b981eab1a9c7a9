import { useRef, useState, type FormEvent } from 'react';
import mark from './mark.svg';
import type { Person, User } from './server';
import { words, type Language, type Words } from './words';

interface Props {
  language: Language;
  people: Person[];
  user: User | null;
  onSignIn: (login: string, password: string) => Promise<void>;
  onSignOut: () => Promise<void>;
  onLanguage: (language: Language) => void;
}

/** The top of the page: its name, who is signed in, and how to become someone else. */
export function SignInBar({ language, people, user, onSignIn, onSignOut, onLanguage }: Props) {
  const say = words[language];
  const [login, setLogin] = useState('');
  const password = useRef<HTMLInputElement>(null);

  const choose = (person: Person) => {
    if (person.password) return void onSignIn(person.login, person.password);
    setLogin(person.login);
    if (user) void onSignOut();
    password.current?.focus();
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await onSignIn(login.trim(), password.current?.value ?? '');
    if (password.current) password.current.value = '';
  };

  return (
    <header className="bar">
      <img src={mark} alt="" width="28" height="28" />
      <h1>
        关系 Guanxi <small>{say.playground}</small>
      </h1>
      <div className="bar-space" />
      {user && <WhoIsIn user={user} people={people} say={say} />}
      {people.length > 0 && <PeopleMenu people={people} user={user} say={say} onChoose={choose} />}
      {user ? (
        <button type="button" onClick={() => void onSignOut()}>
          {say.signOut}
        </button>
      ) : (
        <form onSubmit={submit}>
          <input
            name="login"
            aria-label={say.login}
            placeholder={say.login}
            autoComplete="username"
            required
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
          <input
            ref={password}
            name="password"
            type="password"
            aria-label={say.password}
            placeholder={say.password}
            autoComplete="current-password"
            autoFocus={login !== ''}
            required
          />
          <button type="submit" className="main-button">
            {say.signIn}
          </button>
        </form>
      )}
      <button type="button" className="quiet" onClick={() => onLanguage(language === 'zh' ? 'en' : 'zh')}>
        {say.otherLanguage}
      </button>
    </header>
  );
}

function WhoIsIn({ user, people, say }: { user: User; people: Person[]; say: Words }) {
  const title = people.find((person) => person.name === user.name)?.title;
  return (
    <div className="who" aria-label={say.signedInAs}>
      <span className="who-letter" aria-hidden="true">
        {Array.from(user.name)[0]}
      </span>
      <span className="who-name">{user.name}</span>
      {title && <span className="who-title">{title}</span>}
    </div>
  );
}

interface MenuProps {
  people: Person[];
  user: User | null;
  say: Words;
  onChoose: (person: Person) => void;
}

/** Sample people to sign in as; it stays while signed in, so that one can compare what each sees. */
function PeopleMenu({ people, user, say, onChoose }: MenuProps) {
  return (
    <select
      aria-label={say.samplePeople}
      value=""
      onChange={(event) => {
        const person = people.find((one) => one.login === event.target.value);
        if (person) onChoose(person);
      }}
    >
      <option value="" disabled>
        {user ? say.switchTo : say.chooseSomeone}
      </option>
      {people.map((person) => (
        <option key={person.login} value={person.login}>
          {person.title ? `${person.name} — ${person.title}` : person.name}
        </option>
      ))}
    </select>
  );
}
