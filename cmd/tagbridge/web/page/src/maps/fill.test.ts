import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registers, series } from './fill.ts';

test('a series goes on', () => {
  for (const [given, step, want] of [
    [['pump1'], 1, ['pump2', 'pump3', 'pump4']],
    [['pump09'], 1, ['pump10', 'pump11', 'pump12']],
    [['pump099x'], 1, ['pump100x', 'pump101x', 'pump102x']],
    [['40001'], 2, ['40003', '40005', '40007']],
    [['400001'], 1, ['400002', '400003', '400004']],
    [['40001', '40005'], 1, ['40009', '40013', '40017']],
    [['holding:0x0F'], 1, ['holding:0x10', 'holding:0x11', 'holding:0x12']],
    [['40001.b14'], 1, ['40001.b15', '40002.b0', '40002.b1']],
    [['40001.b14', '40001.b15'], 1, ['40002.b0', '40002.b1', '40002.b2']],
    [['holding:0.15'], 1, ['holding:1.0', 'holding:1.1', 'holding:1.2']],
    [['ns=2;s=Force'], 1, ['ns=2;s=Force', 'ns=2;s=Force', 'ns=2;s=Force']],
    [['ns=2;i=1001'], 1, ['ns=2;i=1002', 'ns=2;i=1003', 'ns=2;i=1004']],
    [['float32'], 0, ['float32', 'float32', 'float32']],
    [['bar', '°C'], 1, ['bar', '°C', 'bar']],
    [['10', '8'], 1, ['6', '4', '2']],
    [['1', '0'], 1, ['0', '0', '0']],
    [['same1', 'same1'], 1, ['same1', 'same1', 'same1']],
    [['18446744073709551615'], 1, ['18446744073709551616', '18446744073709551617', '18446744073709551618']],
    [[''], 1, ['', '', '']],
  ] as const) {
    assert.deepEqual(series(given, 3, step), want, given.join());
  }
});

test('how many registers a type takes', () => {
  for (const [type, n] of [['', 1], ['uint16', 1], ['float32', 2], ['int64', 4], ['bcd32', 2], ['string:5', 3], ['int8', 1], ['bool', 1],
    ['int24', 2], ['uint48', 3], ['sm32', 2], ['bcd8', 1], ['mod10k:3', 3], ['chars:12', 12], ['bits:20', 2], ['datetime:epoch', 2], ['datetime:epoch_ms', 4], ['datetime:iec', 4], ['datetime:six', 6], ['datetime:bcd', 3], ['datetime:packed', 3]] as const) {
    assert.equal(registers(type), n, type);
  }
});
