#!/bin/sh
# Runs nginx with docs/nginx.conf before the web servers that SERVERS names.
#
#   SHOP_HOST     host of the shop's pages
#   SERVERS       web servers, such as "web:8000 web-2:8000"
#   CERTIFICATES  folder with fullchain.pem and privkey.pem (/etc/ssl/shop)
#   CONFIG        the documented file (/etc/nginx/shop.conf)
#   FOLDER        a folder that nginx may write to (/tmp)
#   HTTP_PORT, HTTPS_PORT, NGINX, NGINX_USER for tries on a machine of one's own
set -eu
: "${SHOP_HOST:?SHOP_HOST is missing; name the host of the pages}"
folder=${FOLDER:-/tmp}
servers=
for server in $SERVERS; do servers="$servers    server $server max_fails=0;\\n"; done

sed -e "s/shop\.example/$SHOP_HOST/g" \
    -e "s|/etc/ssl/shop|${CERTIFICATES:-/etc/ssl/shop}|" \
    -e "s|/var/log/nginx/shop.log|${ACCESS_LOG:-/dev/stdout}|" \
    -e "s/listen 80;/listen ${HTTP_PORT:-80};/" \
    -e "s/listen 443 /listen ${HTTPS_PORT:-443} /" \
    -e "/# server 127\.0\.0\.1:8001/d" \
    -e "s/^ *server 127\.0\.0\.1:8000 .*/$servers/" \
    "${CONFIG:-/etc/nginx/shop.conf}" >"$folder/shop.conf"

cat >"$folder/nginx.conf" <<END
${NGINX_USER:+user $NGINX_USER;}
daemon off;
pid $folder/nginx.pid;
error_log ${ERROR_LOG:-stderr};
events {}
http {
    client_body_temp_path $folder/client_body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    include $folder/shop.conf;
}
END
exec "${NGINX:-nginx}" -p "$folder" -c "$folder/nginx.conf" -e "${ERROR_LOG:-stderr}"
