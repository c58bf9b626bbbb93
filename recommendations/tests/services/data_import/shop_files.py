"""Exports of shop systems in their real layouts, made up."""

SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,\
Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,\
Variant Compare At Price,Image Src,Image Position,Gift Card,Variant Image,Status
wool-sock,Wool sock,<p>Warm &amp; soft</p>,Knit,Apparel & Accessories > Clothing > Socks,Socks,\
"wool, warm",TRUE,Size,S,Colour,Red,,,WS-S,40,shopify,0,deny,9.50,12.00,https://cdn.example/a.jpg,\
1,FALSE,https://cdn.example/red.jpg,active
wool-sock,,,,,,,,,M,,Red,,,WS-M,40,shopify,7,deny,9.50,,https://cdn.example/b.jpg,2,,,
wool-sock,,,,,,,,,,,,,,,,,,,,,https://cdn.example/c.jpg,3,,,
kettle,Kettle,Boils.,Hot,,Kitchen,,TRUE,Title,Default Title,,,,,KE-1,900,shopify,3,deny,40,55,\
https://cdn.example/k.jpg,1,FALSE,,active
voucher,Voucher,,Shop,,,,TRUE,Title,Default Title,,,,,VO-1,0,,0,deny,25,,,,TRUE,,active
secret,Secret,,Shop,,,,FALSE,Title,Default Title,,,,,SE-1,0,shopify,5,deny,25,,,,FALSE,,draft
"""

WOOCOMMERCE = r"""ID,Type,SKU,Name,Published,"Is featured?","Visibility in catalog",\
"Short description",Description,"Date sale price starts","Date sale price ends","Tax status",\
"In stock?",Stock,"Backorders allowed?","Sale price","Regular price",Categories,Tags,Images,Parent,\
Position,"Attribute 1 name","Attribute 1 value(s)","Attribute 1 visible","Attribute 1 global"
44,variable,woo-hoodie,Hoodie,1,0,visible,Soft.,"Warm.\n\nVery.",,,taxable,1,,0,,,\
"Clothing > Hoodies, Sale","warm, new","https://x.example/a.jpg, https://x.example/b.jpg",,0,\
Color,"Blue, Red",1,1
45,variation,woo-hoodie-blue,"Hoodie - Blue",1,0,visible,,,,,taxable,1,4,0,,45,,,,woo-hoodie,1,\
Color,Blue,,1
46,variation,woo-hoodie-red,"Hoodie - Red",1,0,visible,,,2020-01-01,2099-01-31,taxable,0,0,0,42,\
45,,,,id:44,2,Color,Red,,1
50,simple,mug,Mug,1,0,visible,,Mug.,,,taxable,1,,0,3,5,Kitchen,,,,0,,,,
51,simple,old,Old mug,-1,0,visible,,,,,taxable,1,3,0,,5,Kitchen,,,,0,,,,
52,"simple, downloadable, virtual",hid,Hidden mug,1,0,hidden,,,,,taxable,1,3,0,,5,Kitchen,,,,0,,,,
53,grouped,set,Set,1,0,visible,,,,,taxable,1,,0,,,Kitchen,,,,0,,,,
""".replace("\\\n", "")

MAGENTO = """\
sku,store_view_code,attribute_set_code,product_type,categories,product_websites,name,description,\
short_description,product_online,visibility,price,special_price,special_price_from_date,\
special_price_to_date,url_key,base_image,created_at,additional_attributes,qty,is_in_stock,\
configurable_variations,configurable_variation_labels
MH-S-Black,,Top,simple,"Default Category/Men/Tops,Default Category/Sale",base,Hoodie-S-Black,,,1,\
Not Visible Individually,52.000000,,,,h-s,/m/h.jpg,"1/5/24, 10:00 AM","color=Black,size=S",3.0000,\
1.0000,,
MH-M-Black,,Top,simple,Default Category/Men/Tops,base,Hoodie-M-Black,,,1,Not Visible Individually,\
54.000000,,,,h-m,,"1/5/24, 10:00 AM","color=Black,size=M",0.0000,0.0000,,
MH,,Top,configurable,"Default Category/Men/Tops,Default Category/Sale",base,Hoodie,<p>Warm</p>,,1,\
"Catalog, Search",,,,,h,/m/h.jpg,"1/5/24, 10:00 AM","manufacturer=Knit,climate=Cool|Cold",\
0.0000,1.0000,"sku=MH-S-Black,size=S,color=Black|sku=MH-M-Black,size=M,color=Black","size=Size,color=Color"
MH,de,Top,configurable,,base,Kapuzenjacke,,,,,,,,,,,,,,,,
BAG,,Bag,simple,Default Category/Gear,base,Bag,Big.,,1,"Catalog, Search",34.000000,30.000000,\
2020-01-01,,bag,,"1/5/24, 10:00 AM",,12.0000,1.0000,,
OFF,,Bag,simple,Default Category/Gear,base,Off,,,2,"Catalog, Search",34.000000,,,,off,,,,12.0000,\
1.0000,,
"""
