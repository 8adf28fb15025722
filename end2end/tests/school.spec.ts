// The school somebody goes to: named, proved with a mail to an address there, and shown to others.

import { expect, open, test } from '../fixtures.ts';
import { expectWrong, summary } from '../pages/accounts.ts';

test('a student proves their school with a mail, and others see it', { tag: '@nojs' }, async ({ page, neighbour, mailbox, complaints, axe }) => {
  // The browser's own line about a refused form.
  complaints.allow(/status of 422/);
  const mina = await neighbour('미나');
  const own = mina.page;
  await open(own, '/me');
  await own.getByRole('main').getByRole('link', { name: '학교', exact: true }).click();
  await expect(own).toHaveURL('/me/school');
  await expect(own.getByRole('heading', { level: 1, name: '학교' })).toBeVisible();
  const school = own.getByLabel('학교 (선택)', { exact: true });
  await school.fill('호그와트');
  await own.getByRole('button', { name: '학교 저장하기' }).click();
  await expectWrong(school, '목록에 없는 학교예요.');
  await school.fill('서울대학교');
  await own.getByLabel('입학 연도 (선택)', { exact: true }).fill('2020');
  await own.getByRole('button', { name: '학교 저장하기' }).click();
  await expect(own).toHaveURL('/me/school?done=saved');
  await expect(own.getByRole('status').filter({ hasText: '학교를 저장했어요.' })).toBeVisible();
  await expect(own.getByRole('listitem').filter({ hasText: '서울대학교' })).toContainText('인증 전');
  await axe(own);
  await open(page, `/users/${mina.name}`);
  await expect(page.getByRole('heading', { level: 1, name: mina.name })).toBeVisible();
  await expect(page.getByText('서울대학교')).toHaveCount(0);

  const address = own.getByLabel('학교 이메일', { exact: true });
  await address.fill('mina@evilsnu.ac.kr');
  await own.getByRole('button', { name: '인증 메일 받기' }).click();
  await expectWrong(address, '이 학교의 주소가 아니에요.');
  await expect(address).toHaveValue('mina@evilsnu.ac.kr');
  // A mailbox of this test's own: others of the same server have theirs.
  const mailboxName = `mina-${mina.email.split('@')[0]}`;
  await address.fill(mailboxName);
  await own.getByRole('button', { name: '인증 메일 받기' }).click();
  await expect(own).toHaveURL('/me/school?done=mailed');
  await expect(own.getByRole('status').filter({ hasText: '학교 메일로 링크를 보냈어요.' })).toBeVisible();

  const token = await mailbox.token(`${mailboxName}@snu.ac.kr`, 'school');
  await open(own, `/me/school?token=${token}`);
  await expect(own.getByRole('heading', { level: 1, name: '학교를 인증할까요?' })).toBeVisible();
  await axe(own);
  await own.getByRole('button', { name: '네, 제 학교예요' }).click();
  await expect(own).toHaveURL('/me/school?done=proved');
  await expect(own.getByRole('status').filter({ hasText: '학교를 인증했어요.' })).toBeVisible();
  await expect(own.getByRole('listitem').filter({ hasText: '서울대학교' })).toContainText(/까지 유효해요/);
  await expect(address).toHaveCount(0);
  await axe(own);
  // The same link again says the same.
  await open(own, `/me/school?token=${token}`);
  await own.getByRole('button', { name: '네, 제 학교예요' }).click();
  await expect(own).toHaveURL('/me/school?done=proved');

  await open(page, `/users/${mina.name}`);
  await expect(page.getByText('서울대학교')).toBeVisible();
  await expect(page.getByText('인증됨')).toBeVisible();
  await axe(page);

  // Another school has yet to be proved.
  await open(own, '/me/school');
  await school.fill('고려대학교');
  await own.getByRole('button', { name: '학교 저장하기' }).click();
  await expect(own).toHaveURL('/me/school?done=saved');
  await expect(own.getByRole('listitem').filter({ hasText: '고려대학교' })).toContainText('인증 전');
  await page.goto(`/users/${mina.name}`);
  await expect(page.getByText('인증됨')).toHaveCount(0);
});

test('a link of somebody else proves nothing, and a visitor signs in first', { tag: ['@desktop', '@nojs'] }, async ({ page, neighbour, mailbox, complaints }) => {
  complaints.allow(/status of (401|404)/);
  const [mina, jun] = [await neighbour('미나'), await neighbour('준호')];
  const mailboxName = `mina-${mina.email.split('@')[0]}`;
  await mina.page.request.post('/api/set_school', { form: { 'form[school]': '고려대학교' } });
  await mina.page.request.post('/api/mail_school_proof', { form: { 'form[address]': mailboxName } });
  const token = await mailbox.token(`${mailboxName}@korea.ac.kr`, 'school');
  await open(jun.page, `/me/school?token=${token}`);
  await jun.page.getByRole('button', { name: '네, 제 학교예요' }).click();
  await expect(summary(jun.page)).toBeVisible();
  const answer = await page.goto(`/me/school?token=${token}`);
  expect(answer?.status()).toBe(401);
  await expect(page.getByRole('main').getByRole('link', { name: '로그인' })).toHaveAttribute('href', new RegExp(`token%3D${token}`));
});
