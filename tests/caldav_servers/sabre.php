<?php
// A small sabre/dav server of two files: a database with calendars, and the library's autoloader.
// php -S 127.0.0.1:PORT sabre.php, with SABRE_AUTOLOAD, CALENDARS and USERS (JSON) in its environment.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', '0');
require getenv('SABRE_AUTOLOAD');

$users = json_decode(getenv('USERS'), true);
$pdo = new PDO('sqlite:' . getenv('CALENDARS'));
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);

$principals = new Sabre\DAVACL\PrincipalBackend\PDO($pdo);
$server = new Sabre\DAV\Server([
    new Sabre\CalDAV\Principal\Collection($principals),
    new Sabre\CalDAV\CalendarRoot($principals, new Sabre\CalDAV\Backend\PDO($pdo)),
]);
$server->setBaseUri('/');
$known = function ($name, $password) use ($users) {
    return isset($users[$name]) && $users[$name] === $password;
};
$server->addPlugin(new Sabre\DAV\Auth\Plugin(new Sabre\DAV\Auth\Backend\BasicCallBack($known)));
$server->addPlugin(new Sabre\DAVACL\Plugin());
$server->addPlugin(new Sabre\CalDAV\Plugin());
$server->addPlugin(new Sabre\CalDAV\Schedule\Plugin());
$server->addPlugin(new Sabre\DAV\Sync\Plugin());
if ('/.well-known/caldav' === $_SERVER['REQUEST_URI']) {
    header('Location: /', true, 301);
} else {
    $server->start();
}
