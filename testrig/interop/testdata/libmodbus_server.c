/* Serves a small register image with libmodbus on 127.0.0.1, at a port that the system gives: "port N" on standard output.
 *
 * Unit 1 has 200 holding registers from address 100, 40 input registers from 0, 30 coils from 5 and 30 discrete inputs
 * from 0; whatever lies outside is exception 2. Unit 7 is never answered, unit 20 + N with exception N. The values are
 * those of libmodbus_test.go; orders are made here by shifts, as libmodbus 3.1.6 swaps the bytes of what it calls abcd.
 * With a file of probe_image.py as its argument, lines of "unit table first words", its units 41 and 42 are there too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SILENT_UNIT = 7, EXCEPTIONS = 20, HOLDING_START = 100, COIL_START = 5, FIRST_OF_FILE = 41 };

static modbus_mapping_t *map;
static modbus_mapping_t *of_file[2];

/* put writes the low words of v at address at in all four orders, one behind another: ABCD, CDAB, BADC, DCBA. */
static void put(int at, uint64_t v, int words)
{
    uint16_t *r = map->tab_registers + at - HOLDING_START;
    for (int order = 0; order < 4; order++)
        for (int i = 0; i < words; i++) {
            int shift = 16 * (order & 1 ? i : words - 1 - i);
            uint16_t w = (uint16_t)(v >> shift);
            *r++ = order & 2 ? (uint16_t)(w << 8 | w >> 8) : w;
        }
}

static void fill(void)
{
    float f = 23.1f;
    double d = -0.1;
    uint32_t f_bits;
    uint64_t d_bits;

    memcpy(&f_bits, &f, sizeof f_bits);
    memcpy(&d_bits, &d, sizeof d_bits);
    put(100, 0x0102, 1);
    put(110, (uint64_t)(int64_t)-2, 2);
    put(120, f_bits, 2);
    put(130, d_bits, 4);
    put(150, (uint64_t)INT64_MIN, 4);
    put(170, UINT64_MAX - 1, 4);
    put(190, 0x12345678, 2);
    for (int i = 0; i < 40; i++)
        map->tab_input_registers[i] = (uint16_t)(i * 1000);
    for (int i = 0; i < 30; i++) {
        map->tab_bits[i] = i % 3 == 0;
        map->tab_input_bits[i] = i % 5 == 0;
    }
    const char *text = "libmodbus";
    for (int i = 0; i < 5; i++)
        map->tab_registers[100 + i] = (uint16_t)((uint8_t)text[2 * i] << 8 | (uint8_t)text[2 * i + 1]);
}

static int die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    return 1;
}

/* load reads the units of a file; it is not 0 when that cannot be done. */
static int load(const char *path)
{
    FILE *f = fopen(path, "r");
    char table[16];
    unsigned unit, at, word;
    if (f == NULL)
        return -1;
    while (fscanf(f, "%u %15s %u", &unit, table, &at) == 3) {
        unsigned n = unit - FIRST_OF_FILE;
        if (n > 1)
            return -1;
        if (of_file[n] == NULL)
            of_file[n] = modbus_mapping_new(0, 0, 1000, 1000);
        uint16_t *to = strcmp(table, "input") == 0 ? of_file[n]->tab_input_registers : of_file[n]->tab_registers;
        for (int c = ' '; c != '\n' && c != EOF && at < 1000; c = fgetc(f)) {
            if (fscanf(f, "%4x", &word) != 1)
                return -1;
            to[at++] = (uint16_t)word;
        }
    }
    return fclose(f);
}

/* answer answers the n bytes of query; it is negative when that cannot be done. */
static int answer(modbus_t *ctx, const uint8_t *query, int n)
{
    int unit = query[modbus_get_header_length(ctx) - 1];
    if (unit == SILENT_UNIT)
        return 0;
    if (unit > EXCEPTIONS && unit < EXCEPTIONS + MODBUS_EXCEPTION_MAX)
        return modbus_reply_exception(ctx, query, unit - EXCEPTIONS);
    if (unit >= FIRST_OF_FILE && unit < FIRST_OF_FILE + 2 && of_file[unit - FIRST_OF_FILE] != NULL)
        return modbus_reply(ctx, query, n, of_file[unit - FIRST_OF_FILE]);
    return modbus_reply(ctx, query, n, map);
}

static void serve(modbus_t *ctx)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int n = modbus_receive(ctx, query);
        if (n < 0 || (n > 0 && answer(ctx, query, n) < 0))
            return;
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && load(argv[1]) != 0)
        return die("load");
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
    map = modbus_mapping_new_start_address(COIL_START, 30, 0, 30, HOLDING_START, 200, 0, 40);
    if (ctx == NULL || map == NULL)
        return die("make");
    fill();
    int listener = modbus_tcp_listen(ctx, 4);
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &size) != 0)
        return die("listen");
    printf("port %d\n", ntohs(at.sin_port));
    fflush(stdout);
    while (modbus_tcp_accept(ctx, &listener) >= 0) { /* one connection at a time, as small devices have it */
        serve(ctx);
        modbus_close(ctx);
    }
    return die("accept");
}
