import { type ApiKey, findKey, findPredecessor } from '../../store/access/api-keys.ts';
import { type KeyTraffic, listKeyTraffic } from '../../store/access/key-usage.ts';
import type { Db } from '../../store/database/database.ts';
import { type Series, stackedChart } from '../charts/stacked-chart.ts';
import { moment, number, sdkName } from '../core/format.ts';
import { requestsUrl } from '../requests/requests-url.ts';
import { isActive, keyView } from './key-view.ts';

const HOUR = 3_600_000;
const BARS = 24;

const ONE_KEY: Series[] = [{ name: 'success', label: 'Requests', description: 'Requests with this key' }];
const OLD_AND_NEW: Series[] = [
  { name: 'success', label: 'New key', description: 'Requests with the new key' },
  { name: 'rejected', label: 'Old key', description: 'Requests with the key that the new key replaces' },
];

/**
 * The traffic of a key. If the key was rotated, or replaces a rotated key, the traffic of both: the old key can be
 * revoked when it receives no more requests.
 */
export async function keyTrafficView({ database }: { database: Db }, key: ApiKey) {
  const successor = key.replaced_by === null ? undefined : await findKey(database, key.hub_id, key.replaced_by);
  const predecessor = successor ? key : await findPredecessor(database, key);
  // The new key is the bottom series, where bars are easiest to compare.
  const keys = predecessor ? [successor ?? key, predecessor] : [key];
  const traffic = await listKeyTraffic(
    database,
    key.hub_id,
    keys.map(({ id }) => id),
  );
  const trafficOf = ({ id }: ApiKey) => traffic.find(({ key_id }) => key_id === id);
  return {
    traffic: keys.map((each) => keyLine(each, trafficOf(each), each.id === key.id)),
    rotation: predecessor && rotationView(predecessor, (successor ?? key).created_at, trafficOf(predecessor)),
    chart: stackedChart(predecessor ? OLD_AND_NEW : ONE_KEY, hourlyColumns(keys.map(trafficOf), Date.now())),
  };
}

function keyLine(key: ApiKey, traffic: KeyTraffic | undefined, isThisKey: boolean) {
  return {
    ...keyView(key),
    isThisKey,
    requests: number(traffic?.day ?? 0),
    sdk: sdkName(traffic?.sdk, traffic?.sdk_revision),
    href: requestsUrl({ consumer: key.consumer_id, key: key.key_prefix }),
  };
}

/** Whether the old key can be revoked. */
function rotationView(old: ApiKey, since: string, traffic: KeyTraffic | undefined) {
  const superseded = traffic?.superseded ?? 0;
  return {
    since: moment(since),
    requests: number(superseded),
    isUnused: superseded === 0,
    isOver: !isActive(old),
    last: moment(old.last_used_at),
    expires: moment(old.expires_at),
  };
}

function hourlyColumns(traffic: readonly (KeyTraffic | undefined)[], now: number) {
  const last = Math.floor(now / HOUR) * HOUR;
  return Array.from({ length: BARS }, (_, index) => {
    const from = last - (BARS - 1 - index) * HOUR;
    const requestsIn = (hours: KeyTraffic['hours'] = []) =>
      hours.find(({ hour }) => Date.parse(hour) === from)?.requests;
    return { from, counts: traffic.map((each) => requestsIn(each?.hours) ?? 0) };
  });
}
