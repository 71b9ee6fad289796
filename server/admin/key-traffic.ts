import { type ApiKey, findKey, findPredecessor } from '../store/access/api-keys.ts';
import { type KeyTraffic, listKeyTraffic } from '../store/access/key-usage.ts';
import type { Db } from '../store/database/database.ts';
import { isGood, keyView } from './consumer-view.ts';
import { moment, number, sdkName } from './format.ts';
import { requestsAt } from './requests.ts';
import { type Series, stackedChart } from './stacked-chart.ts';

const HOUR = 3_600_000;
const BARS = 24;

const ALONE: Series[] = [{ name: 'success', label: 'Requests', says: 'with this key' }];
const SUCCESSION: Series[] = [
  { name: 'success', label: 'New key', says: 'with the key that takes the place' },
  { name: 'rejected', label: 'Old key', says: 'with the key that is to go' },
];

/**
 * What came with a key, and if one of the two is to take the place of the other, what came with both: the old one can go
 * when nothing comes with it any more.
 */
export async function keyTrafficView({ database }: { database: Db }, key: ApiKey) {
  const successor = key.replaced_by === null ? undefined : await findKey(database, key.hub_id, key.replaced_by);
  const predecessor = successor ? key : await findPredecessor(database, key);
  // The latest is at the bottom of the bars, where the eye compares.
  const keys = predecessor ? [successor ?? key, predecessor] : [key];
  const traffic = await listKeyTraffic(
    database,
    key.hub_id,
    keys.map(({ id }) => id),
  );
  const of = ({ id }: ApiKey) => traffic.find(({ key_id }) => key_id === id);
  return {
    traffic: keys.map((each) => lineOf(each, of(each), each.id === key.id)),
    succession: predecessor && successionOf(predecessor, (successor ?? key).created_at, of(predecessor)),
    chart: stackedChart(predecessor ? SUCCESSION : ALONE, columnsOf(keys.map(of), Date.now())),
  };
}

function lineOf(key: ApiKey, traffic: KeyTraffic | undefined, isThis: boolean) {
  return {
    ...keyView(key),
    isThis,
    day: number(traffic?.day ?? 0),
    sdk: sdkName(traffic?.sdk, traffic?.sdk_revision),
    href: requestsAt({ consumer: key.consumer_id, key: key.key_prefix }),
  };
}

/** Whether the old key can go. */
function successionOf(old: ApiKey, since: string, traffic: KeyTraffic | undefined) {
  const superseded = traffic?.superseded ?? 0;
  return {
    since: moment(since),
    requests: number(superseded),
    isQuiet: superseded === 0,
    isOver: !isGood(old),
    last: moment(old.last_used_at),
    ends: moment(old.expires_at),
  };
}

function columnsOf(traffic: readonly (KeyTraffic | undefined)[], now: number) {
  const last = Math.floor(now / HOUR) * HOUR;
  return Array.from({ length: BARS }, (_, index) => {
    const from = last - (BARS - 1 - index) * HOUR;
    const within = (hours: KeyTraffic['hours'] = []) => hours.find(({ hour }) => Date.parse(hour) === from)?.requests;
    return { from, counts: traffic.map((each) => within(each?.hours) ?? 0) };
  });
}
