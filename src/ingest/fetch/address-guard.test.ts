import { expect, test } from 'vitest'
import { AddressGuard } from './address-guard.ts'

const guard = new AddressGuard([])

function isOpen(address: string, by = guard): boolean {
  try {
    return by.check('host.example', [address]).length === 1
  } catch {
    return false
  }
}

test('addresses of the public internet are open', () => {
  const open = ['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1::1']
  expect(open.filter((address) => !isOpen(address))).toEqual([])
})

test('addresses of private, local and special networks are closed', () => {
  const closed =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 ' +
    '172.31.255.255 192.0.0.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 255.255.255.255 ' +
    ':: ::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 2001::1 2002:a00:1::1'
  expect(closed.split(' ').filter((address) => isOpen(address))).toEqual([])
})

test('an IPv4 address in the clothes of IPv6 is judged by what it is', () => {
  for (const address of ['::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '::127.0.0.1']) {
    expect(isOpen(address), address).toBe(false)
  }
  expect(isOpen('::ffff:8.8.8.8')).toBe(true)
  expect(isOpen('64:ff9b::808:808')).toBe(true)
})

test('addresses, ranges and names may be allowed', () => {
  const by = new AddressGuard(['10.1.0.0/16', '[::1]', 'Files.Internal', '192.168.7.7'])
  expect(isOpen('10.1.200.3', by)).toBe(true)
  expect(isOpen('::ffff:10.1.2.3', by)).toBe(true)
  expect(isOpen('10.2.0.1', by)).toBe(false)
  expect(isOpen('::1', by)).toBe(true)
  expect(isOpen('192.168.7.7', by)).toBe(true)
  expect(isOpen('192.168.7.8', by)).toBe(false)
  expect(by.check('files.internal', ['10.9.9.9'])).toEqual(['10.9.9.9'])
})

test('of several addresses only the open ones are connected to', () => {
  expect(guard.check('mixed.example', ['10.0.0.1', '8.8.8.8'])).toEqual(['8.8.8.8'])
  expect(() => guard.check('inside.example', ['10.0.0.1', '::1'])).toThrow(
    'address not public, nor in --allow: 10.0.0.1, ::1',
  )
})

test('behind a proxy, addresses and localhost are known by their name', () => {
  for (const name of ['10.0.0.1', '[::1]', 'localhost', 'app.localhost', 'localhost.']) {
    expect(() => guard.checkName(name), name).toThrow('address not public, nor in --allow')
  }
  expect(() => guard.checkName('example.org')).not.toThrow()
  expect(() => new AddressGuard(['localhost']).checkName('localhost')).not.toThrow()
})

test('what cannot be allowed is the mistake of the caller', () => {
  for (const entry of ['10.0.0.0/33', '10.0.0.0/x', 'a/b', '']) {
    expect(() => new AddressGuard([entry]), entry).toThrow('could be allowed')
  }
})
