<?php
// An agency's PHP application that becomes an OpenID client of Gerbang (W1): code + PKCE, begun by a pushed request (PAR).
// Only PHP 8 is needed. The claims of the person are in $_SESSION['who']; protect your own pages by it.
declare(strict_types=1);

$issuer = getenv('GERBANG_ISSUER');          // https://gerbang.example
$client = getenv('GERBANG_CLIENT_ID');       // as registered by `gerbang client add`
$secret = getenv('GERBANG_CLIENT_SECRET');   // an exception that expires; keys (private_key_jwt) are better
$home   = getenv('APP_URL');                 // https://aplikasi.example; its /callback is registered

session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'cookie_secure' => str_starts_with($home, 'https:')]);

function call(string $url, ?array $form, string $authorization): array
{
    $options = ['method' => $form === null ? 'GET' : 'POST', 'timeout' => 10, 'ignore_errors' => true, 'follow_location' => 0,
        'header' => "Authorization: $authorization\r\n" . ($form === null ? '' : "Content-Type: application/x-www-form-urlencoded\r\n"),
        'content' => $form === null ? '' : http_build_query($form)];
    $said = json_decode((string) file_get_contents($url, false, stream_context_create(['http' => $options])), true);
    if (!is_array($said) || isset($said['error'])) {
        throw new RuntimeException('Gerbang: ' . ($said['error'] ?? 'no answer'));
    }
    return $said;
}

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

$basic = 'Basic ' . base64_encode(rawurlencode($client) . ':' . rawurlencode($secret));
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/login') {
    $_SESSION['state'] = base64url(random_bytes(32));
    $_SESSION['verifier'] = base64url(random_bytes(48));
    $pushed = call("$issuer/oauth2/par", [
        'client_id' => $client, 'response_type' => 'code', 'redirect_uri' => "$home/callback", 'scope' => 'openid profile.read',
        'state' => $_SESSION['state'], 'code_challenge' => base64url(hash('sha256', $_SESSION['verifier'], true)),
        'code_challenge_method' => 'S256'], $basic);
    header("Location: $issuer/oauth2/authorize?" . http_build_query(['client_id' => $client, 'request_uri' => $pushed['request_uri']]));
} elseif ($path === '/callback') {
    $state = $_SESSION['state'] ?? '';
    unset($_SESSION['state']);
    if ($state === '' || !hash_equals($state, $_GET['state'] ?? '') || ($_GET['iss'] ?? '') !== $issuer || !isset($_GET['code'])) {
        http_response_code(400);
        exit('Masuk dibatalkan. / The sign-in was cancelled.');
    }
    $tokens = call("$issuer/oauth2/token", ['grant_type' => 'authorization_code', 'client_id' => $client, 'code' => $_GET['code'],
        'redirect_uri' => "$home/callback", 'code_verifier' => $_SESSION['verifier']], $basic);
    session_regenerate_id(true);
    $_SESSION = ['who' => call("$issuer/oauth2/userinfo", null, 'Bearer ' . $tokens['access_token'])];
    header('Location: /');
} elseif (!isset($_SESSION['who'])) {
    echo '<a href="/login">Masuk dengan Gerbang / Sign in with Gerbang</a>';
} else {
    echo 'Selamat datang, ' . htmlspecialchars($_SESSION['who']['name'] ?? $_SESSION['who']['sub']);
}
