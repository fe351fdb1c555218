"""Serves the image of image.py with pymodbus 3.0.0, Debian's python3-pymodbus, on 127.0.0.1.

    pymodbus_server.py [--udp | --tls CERTIFICATES | --serial PORT [--ascii]] [--registers FILE] FOLDER

writes the tag maps and expected.json into FOLDER, prints "port N" on standard output when it listens, and serves until
it is killed. Units: 1 image, 2 holes, 3 nobody, 4 failing, 10 moving. With --tls, a folder of ca.pem, server.pem and
server.key, only clients with a certificate of that CA are served. With --registers, units of a file of probe_image.py too.
"""

import argparse
import asyncio
import ssl
import struct

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer, ModbusUdpServer
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer

import image


class FailingBlock(ModbusSparseDataBlock):
    """Register 5 cannot be read: pymodbus answers an exception of the data store with Modbus exception 4."""

    def getValues(self, address, count=1):
        if address <= 5 < address + count:
            raise RuntimeError("register 5 is out of order")
        return super().getValues(address, count)


def unit(m, holding=ModbusSparseDataBlock):
    return ModbusSlaveContext(
        co=ModbusSparseDataBlock(m.tables["coil"]),
        di=ModbusSparseDataBlock(m.tables["discrete"]),
        ir=ModbusSparseDataBlock(m.tables["input"]),
        hr=holding(m.tables["holding"]),
        zero_mode=True,
    )


def units_of(path):
    """The units of a file of lines "unit table first words…"."""
    tables = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            unit, table, first, *words = line.split()
            tables[int(unit), table] = ModbusSequentialDataBlock(int(first), [int(w, 16) for w in words])
    numbers = {unit for unit, _ in tables}
    return {n: ModbusSlaveContext(hr=tables[n, "holding"], ir=tables[n, "input"], zero_mode=True) for n in numbers}


def moving(n):
    """The registers of the moving unit at step n, all most significant byte first; moving.csv is in the Go test.

    0 float32   2 int16 with doubtful values   3 uint16 of 0..3   4 int64   8 uint64   12 string:16
    20 float64, not a number every fifth step   24 uint32   26 counter of steps   27 uint64 past int64
    """
    text = f'\\"{n}", a=b\\\\ µ'.encode()[:16].ljust(16, b"\0")
    number = float("nan") if n % 5 == 0 else n * 1.1
    data = struct.pack(">fhHqQ", 20 + n % 50 / 10, n % 7 * 100 - 100, n % 4, 2**60 + n, 2**62 + n)
    data += text + struct.pack(">dIHQ", number, 4000000000 + n, n % 65536, 2**63 + n)
    return list(struct.unpack(f">{len(data) // 2}H", data))


async def move(block, coils):
    n = 0
    while True:
        block.setValues(0, moving(n))
        coils.setValues(0, [n % 2 == 0, n % 3 == 0])
        n += 1
        await asyncio.sleep(0.07)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--udp", action="store_true")
    parser.add_argument("--tls")
    parser.add_argument("--serial")
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--registers")
    args = parser.parse_args()

    maps = image.build(args.folder)
    registers, coils = ModbusSparseDataBlock(dict(enumerate(moving(0)))), ModbusSparseDataBlock({0: False, 1: False})
    context = ModbusServerContext(
        single=False,
        slaves={
            1: unit(maps["image"]),
            2: unit(maps["holes"]),
            4: unit(maps["failing"], FailingBlock),
            10: ModbusSlaveContext(hr=registers, co=coils, zero_mode=True),
            **(units_of(args.registers) if args.registers else {}),
        },
    )
    if args.serial:
        await serve_line(context, args, move(registers, coils))
        return
    server = (ModbusUdpServer if args.udp else ModbusTcpServer)(context, address=("127.0.0.1", 0))
    if args.tls:
        server.factory_parms["ssl"] = mutual_tls(args.tls)
    tasks = [asyncio.create_task(move(registers, coils)), asyncio.create_task(server.serve_forever())]
    await server.serving
    print("port", port(server, args.udp), flush=True)
    await asyncio.gather(*tasks)


async def serve_line(context, args, moving_unit):
    """On a line, units that are not there say nothing."""
    framer = ModbusAsciiFramer if args.ascii else ModbusRtuFramer
    # A pseudo-terminal has no parity, and pyserial insists.
    server = ModbusSerialServer(context, framer=framer, port=args.serial, baudrate=115200, ignore_missing_slaves=True)
    await server.start()
    if server.transport is None:  # it says nothing itself
        raise RuntimeError("cannot open " + args.serial)
    print("port 0", flush=True)
    await asyncio.gather(asyncio.create_task(moving_unit), asyncio.create_task(server.serve_forever()))


def mutual_tls(folder):
    """What Modbus/TCP Security asks for. pymodbus' own TLS server frames without the MBAP header, against the standard."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/server.pem", folder + "/server.key")
    context.load_verify_locations(folder + "/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def port(server, udp):
    sock = server.protocol.get_extra_info("socket") if udp else server.server.sockets[0]
    return sock.getsockname()[1]


if __name__ == "__main__":
    asyncio.run(main())
