import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordError } from '../../server/admin/sign-in/password-rules.ts';
import { PASSWORD } from './support.ts';

const check = (password: string) => passwordError('cordelia', password, password);

test('common and easily guessed passwords are rejected with the rule and the remedy', async () => {
  const guessable = [
    ...['123456qwerty', 'administrator', 'Password123!', 'P@ssw0rd2026!', 'iloveyou1234', 'qwertyuiop12'],
    ...['aaaaaaaaaaaa', 'abcdefghijkl', 'letmeinletmein', 'password'.repeat(25)],
    ...['cordelia2026', 'CordeliaCordelia', 'ihfhubihfhub'],
  ];
  for (const password of guessable) {
    assert.deepEqual(
      await check(password),
      {
        field: 'password',
        detail:
          'Password must not be common or easy to guess. Use four or more unrelated words, or a password manager.',
      },
      password,
    );
  }
});

test('passphrases and random passwords are accepted', async () => {
  for (const password of [PASSWORD, 'kV9#pQ2m!xL7', 'Zürich am See 1834', 'lantern orbit velvet cactus']) {
    assert.equal(await check(password), undefined, password);
  }
});

test('a password has 12 to 200 characters and is typed twice', async () => {
  assert.match((await check('kV9#pQ2m!xL'))?.detail ?? '', /at least 12 characters/);
  assert.match((await check('kV9#pQ2m!xL7'.repeat(17)))?.detail ?? '', /at most 200 characters/);
  assert.equal((await passwordError('cordelia', PASSWORD, 'another'))?.field, 'confirmation');
});
