"""Which of a shop's columns is which of ours: by the names that tills, warehouses and spreadsheets give them.

Names are compared without case, blanks and signs: `Invoice No.` is `invoiceno`. A column that bears our own name is
ours; then the words below count in their order, and no column is two of ours.
"""

from collections.abc import Iterable, Mapping

from models.tables import BASKET_ID, CUSTOMER_ID, PRODUCT_ID, Table

_CUSTOMER = (
    "customer customerno customernumber custid client clientid cardno cardnumber card cardid loyaltycard loyaltyid"
    " member memberid membernumber memberno userid householdkey kunde kundennummer kundennr kundenid kartennummer покупатель"
    " клиент idклиента idпокупателя кодклиента кодпокупателя картаклиента картапокупателя дисконтнаякарта бонуснаякарта"
    " номеркарты карта"
)
_PRODUCT = (
    "product productcode item itemid itemno itemcode sku article articleid articleno articlenumber stockcode ean"
    " barcode gtin plu upc artikel artikelnummer artikelnr товар кодтовара idтовара артикул штрихкод"
)
_FROM = (
    "starts start startdate startson datefrom validfrom fromdate begin begins beginn gueltigab gültigab"
    " startdatum датаначала началоакции датас"
)
_TO = (
    "ends end enddate endson dateto validto validuntil todate until ende gueltigbis gültigbis enddatum"
    " датаокончания окончаниеакции датапо"
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "purchases": {
        CUSTOMER_ID: _CUSTOMER,
        BASKET_ID: "basket basketno receipt receiptno receiptid receiptnumber invoice invoiceno invoiceid order"
        " orderid orderno ticket ticketid transaction transactionid bon bonnummer bonnr beleg belegnummer"
        " rechnungsnummer чек номерчека idчека",
        "line_no": "line lineno linenumber position pos posnr rownumber строка номерстроки",
        "purchased_at": "purchased purchasetime purchasedate datetime timestamp soldat saletime saledate invoicedate"
        " orderdate transactiondate transactiontime receiptdate date time datum zeit belegdatum kaufdatum датавремя"
        " датачека дата",
        PRODUCT_ID: _PRODUCT,
        "quantity": "qty units count menge anzahl stueck stück количество колво кол",
        "unit": "uom unitofmeasure einheit единица едизм",
        "paid": "paidamount amountpaid linetotal totalprice salesvalue salesamount salesprice lineamount revenue sales total"
        " amount umsatz betrag summe суммасоскидкой сумма выручка стоимость",
        "discount": "discountamount discountvalue rabatt nachlass скидка суммаскидки",
        "store_id": "store storeno shop shopid branch branchid outlet filiale filialnummer filialnr магазин торговаяточка",
    },
    "products": {
        PRODUCT_ID: _PRODUCT,
        "name": "productname itemname articlename description productdescription title bezeichnung artikelbezeichnung"
        " наименование название номенклатура",
        "family_1": "department division category productcategory warengruppe hauptgruppe категория группа товарнаягруппа группатоваров",
        "family_2": "category subcategory commodity productgroup commoditydesc untergruppe подкатегория подгруппа",
        "family_3": "subcategory subcommodity subcommoditydesc productgroup",
        "brand": "manufacturer marke hersteller бренд производитель",
        "price": "unitprice retailprice listprice salesprice preis vk verkaufspreis цена",
        "cost": "unitcost costprice purchaseprice ek einkaufspreis себестоимость закупка",
        "barcode": "ean gtin upc штрихкод",
        "image": "imageurl picture photo bild bildurl",
        "introduced_on": "introduced launched launchdate",
        "stock": "onhand instock stocklevel bestand остаток",
    },
    "customers": {
        CUSTOMER_ID: _CUSTOMER,
        "joined_on": "joined joindate signupdate registered registeredon registrationdate membersince датарегистрации",
        "birth_date": "birthday birthdate dateofbirth dob geburtsdatum датарождения",
        "consent": "optin marketingconsent consentmarketing gdprconsent einwilligung werbeeinwilligung согласие",
        "household_id": "household",
        "merged_into": "mergedto replacedby newcard",
    },
    "answers": {
        CUSTOMER_ID: _CUSTOMER,
        "answered_at": "answered date datetime timestamp",
        "kind": "type survey",
        "score": "rating value answer",
        "parameter": "aspect criterion topic kriterium merkmal параметр критерий",
    },
    "promotions": {
        PRODUCT_ID: _PRODUCT,
        "store_id": "store storeno shop shopid branch branchid outlet filiale filialnummer filialnr магазин торговаяточка",
        "starts_on": _FROM,
        "ends_on": _TO,
        "price": "promoprice promotionprice actionprice offerprice aktionspreis angebotspreis ценапоакции акционнаяцена",
        "discount": "discountamount discountvalue rabatt nachlass скидка суммаскидки",
        "mailer": "inmailer leaflet flyer catalogue prospekt handzettel листовка каталог",
        "display": "ondisplay feature secondplacement zweitplatzierung дмп",
    },
    "fundings": {
        "funder": "supplier suppliername vendor vendorname fundedby lieferant поставщик",
        "agreement": "agreementno agreementid contract contractno deal dealid vereinbarung vertrag договор номердоговора",
        PRODUCT_ID: _PRODUCT,
        "family": "category productgroup warengruppe категория группа",
        "starts_on": _FROM,
        "ends_on": _TO,
        "funded_bp": "fundingbp sharebp",
        "budget": "maxfunding fundingbudget limit бюджет",
        "unit_cap": "capperunit maxperunit",
    },
}
TILL = (
    *(
        "till",
        "tillno",
        "tillid",
        "tillnumber",
        "register",
        "registerno",
        "registerid",
        "terminal",
        "terminalid",
    ),
    *("workstation", "kasse", "kassennr", "kassennummer", "касса", "номеркассы", "ккм"),
)
CURRENCY = ("currency", "currencycode", "waehrung", "währung", "валюта")


def bare(name: str) -> str:
    """A column's name as names are compared: letters and digits, in lower case."""
    return "".join(sign for sign in name.lower() if sign.isalnum())


def matched(table: Table, names: Iterable[str]) -> dict[str, str]:
    """Our columns that a shop's columns are, each with the shop's name; columns of quantity in pieces count as ours."""
    free = {bare(name): name for name in reversed(list(names)) if bare(name)}
    ours = [*table.names, *(["quantity"] if table.name == "purchases" else [])]
    found = {name: free.pop(bare(name)) for name in ours if bare(name) in free}
    if "quantity_milli" in found:
        found.pop("quantity", None)
    words = WORDS[table.name]
    for name in ours:
        taken = name in found or (name == "quantity" and "quantity_milli" in found)
        word = None if taken else next((word for word in words.get(name, "").split() if word in free), None)
        if word:
            found[name] = free.pop(word)
    return found


def lacking(table: Table, found: Iterable[str]) -> list[str]:
    """The columns that a table needs and that were not found."""
    there = set(found)
    names = [column.name for column in table.columns if column.required]
    if "quantity" in there:
        names = [name for name in names if name != "quantity_milli"]
    return ["quantity" if name == "quantity_milli" else name for name in names if name not in there]
