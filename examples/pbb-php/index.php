<?php
/**
 * Titik masuk adaptor: merangkai pengaturan, protokol, dan pemetaan.
 * The adapter's entry point: connects settings, protocol and mapping. Run: php -S 127.0.0.1:8090 index.php
 */

declare(strict_types=1);

require __DIR__ . '/protocol.php';
require __DIR__ . '/legacy.php';
require __DIR__ . '/mapping.php';

ini_set('display_errors', '0');
date_default_timezone_set('Asia/Makassar');

$setting = fn (string $name): string => getenv($name) ?: throw new RuntimeException("The setting $name is missing");
$notices = fn (string $nik, string $year): array =>
    Pbb\notices($setting('LEGACY_URL'), $setting('LEGACY_KEY'), $nik, $year);
$ready = function (array $message) use ($notices): array {
    $notices('0000000000000000', '');
    return ['ready' => true];
};

Gerbang\serve(
    keys: [$setting('GERBANG_KEY_ID') => $setting('GERBANG_SECRET')],
    routes: [
        'GET /adapter' => fn (array $message): array => Pbb\DESCRIPTION,
        'GET /probe' => $ready,
        'POST /reads/bill/ask' => fn (array $message): array => Pbb\page($message, $notices, date('Y-m-d')),
    ],
    nonces: new PDO($setting('NONCES_DSN'), options: [PDO::ATTR_TIMEOUT => 5]),
    prefix: getenv('PATH_PREFIX') ?: '',
);
