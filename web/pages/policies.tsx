/** The policies in force, step by step: what each says, when it last told anyone and when it will next. */
import { ruleWords } from '../../config/notification-words.ts';
import { type TextId, text } from '../../config/text.ts';
import type { Locale } from '../../domain/names.ts';
import type { Audience } from '../../domain/policy.ts';
import type { IsoInstant } from '../../domain/time.ts';
import type { PolicyHeartbeat, StepHeartbeat } from '../../prisma/heartbeat.ts';
import { formatNumber } from '../format.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';
import { Moment } from './moment.tsx';

export function PoliciesPage({ view, policies }: { view: View; policies: readonly PolicyHeartbeat[] }) {
  const { locale } = view;
  return (
    <Layout view={view} title={text(locale, 'web.policies')}>
      {policies.length === 0 ? <p class="card">{text(locale, 'web.policies.none')}</p> : null}
      {policies.map(({ policy, openTasks, steps }) => (
        <section class="card">
          <h2>{`${policy.name} v${policy.version}`}</h2>
          <p>{policy.description}</p>
          <p class="muted">{text(locale, 'web.policies.open_tasks', { count: openTasks })}</p>
          <div class="scroll">
            <table class="steps">
              <thead>
                <tr>
                  {COLUMNS.map((id) => (
                    <th>{text(locale, id)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {steps.map((beat) => (
                  <Row view={view} beat={beat} />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </Layout>
  );
}

const COLUMNS = [
  'web.policies.step',
  'web.policies.rule',
  'web.policies.whom',
  'web.policies.last',
  'web.policies.next',
  'web.policies.told',
] as const satisfies readonly TextId[];

function Row({ view, beat: { step, told, lastAt, nextAt } }: { view: View; beat: StepHeartbeat }) {
  const { locale } = view;
  return (
    <tr>
      <td>
        <code>{step.id}</code>
      </td>
      <td>{ruleWords(locale, { ...step.offset, anchor: step.anchor, when: step.when })}</td>
      <td>{step.audience.map((audience) => audienceWords(locale, audience)).join(', ')}</td>
      <td class="moment">
        <MomentOrNone view={view} at={lastAt} />
      </td>
      <td class="moment">
        <MomentOrNone view={view} at={nextAt} />
      </td>
      <td class="count">{formatNumber(locale, told)}</td>
    </tr>
  );
}

function MomentOrNone({ view, at }: { view: View; at: IsoInstant | null }) {
  return at === null ? '–' : <Moment view={view} at={at} />;
}

function audienceWords(locale: Locale, audience: Audience): string {
  if (typeof audience === 'string') return text(locale, `audience.${audience}`);
  if ('channel' in audience) return text(locale, 'audience.channel', { channel: audience.channel });
  return 'person' in audience ? audience.person : text(locale, 'audience.rota', { rota: audience.rota });
}
